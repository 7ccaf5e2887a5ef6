import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LoginResult } from '../../client/src/generated/operations.ts';
import { match, UnknownOutcomeError } from '../../client/src/index.ts';
import { createWorkbench, type Workbench } from '../support/type-check.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await createWorkbench();
});
afterAll(() => bench.remove());

const HEAD = `
import type { LogoutResult } from '../../client/src/generated/operations.ts';
import { match } from '../../client/src/index.ts';
declare const result: LogoutResult;
`;

/** The compiler's message for a use of match with the outcomes of logout. */
async function compiled(use: string): Promise<string> {
  await bench.write('use.ts', `${HEAD}export const text: string = ${use};`);
  return bench.compile();
}

const ALL = `SignedOut: (o) => o.at, InvalidInputError: (e) => e.issues[0]?.message ?? '',
  RateLimitedError: (e) => String(e.retryAfterSeconds)`;

test('handling every outcome compiles, and each handler knows its own fields', async () => {
  expect(await compiled(`match(result, { ${ALL}, NotAuthenticatedError: () => '' })`)).toBe('');
  expect(await compiled(`match(result, { SignedOut: (o) => o.at, Error: (e) => e.message })`)).toBe(
    '',
  );
  expect(
    await compiled(
      `match(result, { SignedOut: (o) => o.at, RateLimitedError: (e) => String(e.retryAfterSeconds), Error: (e) => e.message })`,
    ),
  ).toBe('');
}, 60_000);

test('a missing outcome does not compile, and the message names it', async () => {
  const refusal = await compiled(`match(result, { ${ALL} })`);
  expect(refusal).toMatch(/Property 'NotAuthenticatedError' is missing in type/);
  const outcome = await compiled(`match(result, { Error: (e) => e.message })`);
  expect(outcome).toMatch(/is missing the following properties .*SignedOut/);
}, 60_000);

test('a field of another outcome, or a value of another type, does not compile', async () => {
  expect(
    await compiled(`match(result, { SignedOut: (o) => o.accessToken, Error: (e) => e.message })`),
  ).toMatch(/accessToken/);
  expect(await compiled(`match(result, { SignedOut: () => 1, Error: (e) => e.message })`)).toMatch(
    /number/,
  );
}, 60_000);

test('calls the handler of the outcome that the server returned', () => {
  const result = {
    __typename: 'RateLimitedError',
    message: 'Wait.',
    retryAfterSeconds: 3,
  } as LoginResult;
  const seconds = match(result, {
    SignedIn: () => 0,
    EmailVerificationRequired: () => 0,
    MfaRequired: () => 0,
    RateLimitedError: (error) => error.retryAfterSeconds,
    Error: () => 1,
  });
  expect(seconds).toBe(3);
  const text = match(
    { __typename: 'ServerBusyError', message: 'Busy.', retryAfterSeconds: 1 } as LoginResult,
    {
      SignedIn: () => '',
      EmailVerificationRequired: () => '',
      MfaRequired: () => '',
      Error: (error) => error.message,
    },
  );
  expect(text).toBe('Busy.');
});

test('an outcome of a newer server is an error of its own, unless it is an error type', () => {
  const handlers = {
    SignedIn: () => 'in',
    EmailVerificationRequired: () => 'mail',
    MfaRequired: () => 'code',
    Error: () => 'error',
  };
  const outcome = (name: string) => ({ __typename: name, message: '' }) as unknown as LoginResult;
  expect(match(outcome('BrandNewError'), handlers)).toBe('error');
  expect(() => match(outcome('PasskeyRequired'), handlers)).toThrow(UnknownOutcomeError);
  expect(() => match(outcome('toString'), handlers)).toThrow(UnknownOutcomeError);
});

test('the example of the README compiles', async () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];
  expect(example).toContain('match(result, {');
  const context = `declare const email: string, password: string;
    declare function askForCode(challengeToken: string, methods: readonly string[]): void;
    declare function askToReadMail(email: string): void;
    declare function showBesideFields(issues: readonly { readonly message: string }[]): void;
    declare function show(message: string): void;\n`;
  await bench.write('use.ts', example.replace('\n\n', `\n\n${context}`));
  expect(await bench.compile()).toBe('');
  await bench.write(
    'use.ts',
    example.replace('\n\n', `\n\n${context}`).replace(/ {2}MfaRequired.*\n/, ''),
  );
  expect(await bench.compile()).toMatch(/MfaRequired/);
}, 60_000);
