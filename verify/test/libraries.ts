import type { IncomingMessage } from 'node:http';
import { expressjwt } from 'express-jwt';
import { createVerifier as createFastJwt } from 'fast-jwt';
import { Hono, type MiddlewareHandler } from 'hono';
import { jwk } from 'hono/jwk';
import { type JwtVariables, jwt } from 'hono/jwt';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import jsonwebtoken, { type JwtHeader, type SigningKeyCallback } from 'jsonwebtoken';
import jwksRsa from 'jwks-rsa';
import { allowInsecureRequests, validateJwtAccessToken } from 'oauth4webapi';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { createVerifier } from '../src/index.ts';

/** Whose tokens, and for whom. */
export type Expected = {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUri: string;
};

/** Checks a token; rejects when the library refuses it. */
export type Check = (token: string) => Promise<unknown>;

/**
 * How each library is set up to check access tokens. docs/resource-servers.md shows these lines, and a test
 * runs them.
 */
export const LIBRARIES: Readonly<Record<string, (expected: Expected) => Check>> = {
  '@latchkey/verify': ({ issuer, audience, jwksUri }) => {
    const verifier = createVerifier({ issuer, audience, jwksUri });
    return (token) => verifier.verifyOrThrow(token);
  },

  jose: ({ issuer, audience, jwksUri }) => {
    const keys = createRemoteJWKSet(new URL(jwksUri));
    const options = {
      issuer,
      audience,
      algorithms: ['ES256'],
      typ: 'at+jwt',
      requiredClaims: ['exp', 'sub', 'sid'],
    };
    return (token) => jwtVerify(token, keys, options);
  },

  oauth4webapi: ({ issuer, audience, jwksUri }) => {
    const server = { issuer, jwks_uri: jwksUri };
    return (token) => {
      const request = new Request(audience, { headers: { authorization: `Bearer ${token}` } });
      // For the plain http of the test alone.
      const options = { [allowInsecureRequests]: true };
      return validateJwtAccessToken(server, request, audience, options);
    };
  },

  'fast-jwt': ({ issuer, audience, jwksUri }) => {
    const keys = jwksRsa({ jwksUri, cache: true, rateLimit: true });
    const verify = createFastJwt({
      key: async ({ header }: { header: { kid?: string } }) =>
        (await keys.getSigningKey(header.kid)).getPublicKey(),
      algorithms: ['ES256'],
      allowedIss: issuer,
      allowedAud: audience,
      checkTyp: 'at+jwt',
      requiredClaims: ['exp', 'sub', 'sid'],
    });
    return (token) => verify(token);
  },

  jsonwebtoken: ({ issuer, audience, jwksUri }) => {
    const keys = jwksRsa({ jwksUri, cache: true, rateLimit: true });
    const keyOf = ({ kid }: JwtHeader, done: SigningKeyCallback) =>
      keys.getSigningKey(kid, (error, key) => done(error, key?.getPublicKey()));
    const options = { issuer, audience, algorithms: ['ES256' as const], complete: true as const };
    return (token) =>
      new Promise((resolve, reject) => {
        jsonwebtoken.verify(token, keyOf, options, (error, decoded) => {
          if (error) return reject(error);
          // jsonwebtoken looks at neither.
          if (decoded?.header.typ !== 'at+jwt') return reject(new Error('no access token'));
          const { payload } = decoded;
          if (typeof payload === 'string' || !payload.exp) return reject(new Error('no end'));
          resolve(payload);
        });
      });
  },

  'express-jwt': ({ issuer, audience, jwksUri }) => {
    const middleware = expressjwt({
      secret: jwksRsa.expressJwtSecret({ jwksUri, cache: true, rateLimit: true }),
      issuer,
      audience,
      algorithms: ['ES256'],
    });
    return (token) =>
      new Promise((resolve, reject) => {
        const request = { headers: { authorization: `Bearer ${token}` }, method: 'GET' };
        const next = (error?: unknown) => (error ? reject(error) : resolve(request));
        // As much of Express as the middleware needs.
        middleware(request as never, {} as never, next);
      });
  },

  'passport-jwt': ({ issuer, audience, jwksUri }) => {
    const strategy = () =>
      new Strategy(
        {
          jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
          secretOrKeyProvider: jwksRsa.passportJwtSecret({ jwksUri, cache: true, rateLimit: true }),
          issuer,
          audience,
          algorithms: ['ES256'],
        },
        (payload, done) => done(null, payload),
      );
    return (token) =>
      new Promise((resolve, reject) => {
        const one = Object.assign(strategy(), {
          success: resolve,
          fail: () => reject(new Error('refused')),
          error: reject,
        });
        const request = { headers: { authorization: `Bearer ${token}` } };
        one.authenticate(request as IncomingMessage as never);
      });
  },

  'hono/jwk': ({ issuer, audience, jwksUri }) =>
    through(
      jwk({ jwks_uri: jwksUri, alg: ['ES256'], verification: { iss: issuer, aud: audience } }),
    ),
};

/** hono/jwt, which is given one key as PEM and reads no published ones. */
export function honoJwt(secret: string): Check {
  return through(jwt({ secret, alg: 'ES256' }));
}

function through(middleware: MiddlewareHandler): Check {
  const app = new Hono<{ Variables: JwtVariables }>();
  app.use(middleware);
  app.get('/', (context) => context.json(context.get('jwtPayload')));
  return async (token) => {
    const response = await app.request('/', { headers: { authorization: `Bearer ${token}` } });
    if (response.status !== 200) throw new Error(`The answer was ${response.status}.`);
    return await response.json();
  };
}
