import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';

/** A certificate authority of a test's own. */
export type Authority = {
  /** Its certificate, as PEM. */
  readonly certificate: string;
  /** @param names DNS names and IP addresses, the first also as the common name */
  issue(names: readonly string[], options?: { readonly expired?: boolean }): Issued;
};

/** A certificate and its private key, as PEM. */
type Issued = { readonly certificate: string; readonly key: string };

/** Makes an authority; Node.js reads certificates and makes none, so their DER is put together here. */
export function createAuthority(name: string): Authority {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = { name, privateKey: keys.privateKey };
  return {
    certificate: certificateOf({
      issuer,
      subject: name,
      publicKey: keys.publicKey,
      extensions: [extension('551d13', true, sequence(Buffer.from([1, 1, 0xff])))],
    }),
    issue([first = 'nobody', ...others], { expired = false } = {}) {
      const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const names = [first, ...others].map((one) =>
        isIP(one) === 4
          ? der(0x87, Buffer.from(one.split('.').map(Number)))
          : isIP(one) === 6
            ? der(0x87, Buffer.from([...Buffer.alloc(15), 1]))
            : der(0x82, Buffer.from(one)),
      );
      return {
        certificate: certificateOf({
          issuer,
          subject: first,
          publicKey: own.publicKey,
          extensions: [extension('551d11', false, sequence(...names))],
          ...(expired && { until: Date.now() - 1_000 }),
        }),
        key: own.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      };
    },
  };
}

type Wanted = {
  readonly issuer: { readonly name: string; readonly privateKey: KeyObject };
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Buffer[];
  readonly until?: number;
};

const HOUR = 3_600_000;

function certificateOf({ issuer, subject, publicKey, extensions, until }: Wanted): string {
  const body = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.from([1, ...randomBytes(8)])),
    ECDSA_WITH_SHA256,
    nameOf(issuer.name),
    sequence(time(Date.now() - 24 * HOUR), time(until ?? Date.now() + 24 * HOUR)),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = der(0x03, Buffer.from([0]), sign('sha256', body, issuer.privateKey));
  const base64 = sequence(body, ECDSA_WITH_SHA256, signature).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${base64.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const header =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...header]), content]);
}

const sequence = (...parts: readonly Buffer[]) => der(0x30, ...parts);
const integer = (value: Buffer) => der(0x02, value);
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));
const time = (at: number) =>
  der(0x18, Buffer.from(`${new Date(at).toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`));
const nameOf = (name: string) =>
  sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(name)))));
const extension = (id: string, isCritical: boolean, value: Buffer) =>
  sequence(oid(id), ...(isCritical ? [Buffer.from([1, 1, 0xff])] : []), der(0x04, value));
const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'));
