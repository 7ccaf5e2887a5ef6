import { AUDIENCE, ISSUER, REQUEST } from './support.ts';

/** Values each claim must not have, in a token made at `T`, in seconds (TK-3). */
export function alterationsAt(T: number): readonly (readonly [claim: string, value: unknown])[] {
  const alterations: Record<string, readonly unknown[]> = {
    iss: ['', `${ISSUER}/`, ISSUER.toUpperCase(), 'https://evil.test', [ISSUER], null, 1],
    aud: ['', `${AUDIENCE}/`, 'https://evil.test', [AUDIENCE], [AUDIENCE, 'x'], null, {}],
    sub: [
      '',
      ' ',
      'x',
      '0',
      REQUEST.userId.toUpperCase(),
      `${REQUEST.userId} `,
      [REQUEST.userId],
      1,
    ],
    sid: ['', 'x', `{${REQUEST.sessionId}}`, REQUEST.sessionId.replaceAll('-', ''), null, true],
    client_id: ['', 'other', 'LATCHKEY', null, ['latchkey']],
    jti: ['', 'x', 'x'.repeat(23), '!'.repeat(22), null, 1],
    iat: [null, `${T}`, T + 0.5, -1, Number.MAX_VALUE, [T]],
    exp: [null, `${T + 900}`, T + 900.5, -1, 0, 1e21, Number.MAX_SAFE_INTEGER, true],
    nbf: [null, `${T}`, 'now', T + 31],
    auth_time: [null, `${T}`, T - 0.5, -1, {}],
    amr: [null, 'pwd', [], [''], [1], [['pwd']], {}],
    epoch: [null, '3', 0, -1, 1.5, Number.MAX_SAFE_INTEGER + 1],
  };
  return Object.entries(alterations).flatMap(([claim, values]) =>
    values.map((value) => [claim, value] as const),
  );
}
