import type { DatabaseHost, DatabaseTarget } from '../../kernel/database-url.ts';
import { ServiceUnavailableError } from '../../kernel/errors.ts';
import { DatabaseError } from '../errors.ts';
import { isUnixSocket, nameOfHost, userOf } from './connect.ts';

/** The server that the login was sent to, for the message. */
type Tried = { readonly target: DatabaseTarget; readonly host: DatabaseHost };

/** The values that a message may contain. None of them is secret. */
type Words = { readonly at: string; readonly user: string; readonly database: string };

type Sentence = (words: Words) => string;

/**
 * Describes a failed login in a message that says what to do. The message appears on the terminal at the
 * start of a server, and in the log of a running one.
 */
export function logInFault(error: unknown, { target, host }: Tried): ServiceUnavailableError {
  const cause = error instanceof ServiceUnavailableError ? error.cause : error;
  const code = cause instanceof DatabaseError ? cause.code : 'LOG_IN_FAILED';
  const user = userOf(target);
  const at = isUnixSocket(host) ? `${host.host}/.s.PGSQL.${host.port}` : nameOfHost(host);
  const words = { at, user, database: target.database ?? user };
  const advice = sentenceFor(code)?.(words) ?? null;
  return new ServiceUnavailableError({ cause: new DatabaseError({ code, advice }) });
}

/**
 * True if another host of the same cluster would reject the login, too, for example because of a wrong
 * password.
 */
export function isRefusedForGood({ cause }: ServiceUnavailableError): boolean {
  return cause instanceof DatabaseError && /^(28|3D|42)/.test(cause.code);
}

function sentenceFor(code: string): Sentence | null {
  return SENTENCES[code] ?? null;
}

const noAnswer: Sentence = ({ at }) =>
  `nothing answers at ${at}: check host and port in DATABASE_URL, and the firewall between`;
const unknownName: Sentence = ({ at }) =>
  `the host of ${at} has no address: check its spelling in DATABASE_URL, and the name service`;
const untrusted: Sentence = ({ at }) =>
  `the certificate of ${at} is not signed by a root that is trusted here: name its authority's file as sslrootcert in DATABASE_URL`;
const closed: Sentence = ({ at }) =>
  `${at} closed the connection while logging in: check that Postgres listens there, that it is not restarting, and that sslmode in DATABASE_URL fits it`;
const expired: Sentence = ({ at }) =>
  `the certificate of ${at} is not valid today: renew it, or set the clock of this machine`;
const options: Sentence = ({ at }) =>
  `${at} refuses a setting of the log-in: check options in DATABASE_URL`;

/** Keyed by SQLSTATE, or by a code of the socket, of TLS or of this folder. */
const SENTENCES: Readonly<Record<string, Sentence>> = {
  '08P01': ({ at }) =>
    `${at} does not answer as Postgres does: check host and port in DATABASE_URL`,
  '22023': options,
  '28000': ({ at, user, database }) =>
    `${at} does not let user ${user} into database ${database}: the role may not log in, or pg_hba.conf has no line for it from this address, with or without TLS (sslmode), or wants a client certificate (sslcert, sslkey)`,
  '28P01': ({ at, user }) =>
    `${at} refuses user ${user}: the password in DATABASE_URL is wrong or missing, or there is no such role`,
  '3D000': ({ at, database }) =>
    `database ${database} does not exist at ${at}: create it (create database … encoding 'UTF8' template template0), or correct DATABASE_URL`,
  '42501': ({ user, database }) =>
    `user ${user} may not connect to database ${database}: grant connect on that database to the role`,
  '42704': options,
  '53300': ({ at }) =>
    `${at} has no connection left: raise its max_connections, or lower DATABASE_POOL_SIZE, which each process takes`,
  '55000': ({ database }) =>
    `database ${database} accepts no connections: alter database … allow_connections true`,
  '57P03': ({ at }) => `${at} is starting up, shutting down or recovering: try again in a moment`,
  CERT_HAS_EXPIRED: expired,
  CERT_NOT_YET_VALID: expired,
  CONNECTION_CLOSED: closed,
  CONNECT_TIMEOUT: noAnswer,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  EACCES: ({ at }) => `${at} may not be used by this account: check who may use the Unix socket`,
  EAI_AGAIN: unknownName,
  ECONNREFUSED: ({ at }) =>
    `nothing listens at ${at}: start Postgres, or correct host and port in DATABASE_URL`,
  ECONNRESET: closed,
  EHOSTUNREACH: noAnswer,
  ENETUNREACH: noAnswer,
  ENOENT: ({ at }) =>
    `there is no Unix socket ${at}: start Postgres, or correct host and port in DATABASE_URL`,
  ENOTFOUND: unknownName,
  EPIPE: closed,
  ERR_TLS_CERT_ALTNAME_INVALID: ({ at }) =>
    `the certificate of ${at} is for another name: connect by a name that it has, or give the server one for this name`,
  ETIMEDOUT: noAnswer,
  READ_ONLY_HOST: ({ at }) =>
    `${at} accepts no writes, and neither does any other host of DATABASE_URL: name the primary, or wait for one`,
  SASL_SIGNATURE_MISMATCH: ({ at }) =>
    `${at} does not know the password it was asked to prove: it may not be your server`,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  TLS_ANSWER_UNREADABLE: ({ at }) =>
    `${at} does not answer as Postgres does when it is asked for TLS: check host and port in DATABASE_URL`,
  TLS_NOT_OFFERED: ({ at }) =>
    `${at} speaks no TLS, and sslmode in DATABASE_URL asks for it: set ssl = on there, or sslmode=disable if the network between is trusted`,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
};
