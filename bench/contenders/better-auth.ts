import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../dev/postgres/port.ts';
import type { Answer } from '../lib/answer.ts';
import { type Caller, call, request, WrongAnswer } from '../lib/load.ts';
import { startProgram } from '../lib/program.ts';
import { emailOf, PASSWORD } from '../lib/seed.ts';
import { type Host, httpContender, times } from './contender.ts';

const SCRIPT = fileURLToPath(new URL('../peers/better-auth.mjs', import.meta.url));

/** True once `npm ci` was run in bench/peers. */
export function hasPeers(): boolean {
  return existsSync(new URL('../peers/node_modules/.package-lock.json', import.meta.url));
}

/** Signs in once for each connection. One account serves them all, because the hash is slow. */
const PEOPLE = 4;

/** better-auth on an empty database: session read, JWT minted (it rotates nothing), sign-in. */
export async function startBetterAuth(
  databaseUrl: string,
  options: { readonly connections: number; readonly equalHash: boolean },
): Promise<Host> {
  const { connections, equalHash } = options;
  const name = equalHash ? 'better-auth, argon2' : 'better-auth';
  const port = await freePort(0);
  const program = await startProgram({
    args: [SCRIPT],
    port,
    env: {
      DATABASE_URL: databaseUrl,
      PORT: String(port),
      BETTER_AUTH_SECRET: randomBytes(32).toString('base64'),
      ...(equalHash && { HASH: 'argon2' }),
    },
    isReady: async () => (await call(port, request('/api/auth/get-session'))).status === 200,
  });
  const cookies: string[] = [];
  for (let person = 1; person <= PEOPLE; person += 1) {
    const json = { email: emailOf(person), password: PASSWORD, name: 'Ada' };
    const answer = await call(
      port,
      request('/api/auth/sign-up/email', { json, headers: origin(port) }),
    );
    cookies.push(sessionCookie(answer));
  }
  const signIns = () =>
    times(connections, (index): Caller => {
      const json = { email: emailOf((index % PEOPLE) + 1), password: PASSWORD };
      const bytes = request('/api/auth/sign-in/email', { json, headers: origin(port) });
      return { next: () => bytes, read: (answer) => void sessionCookie(answer) };
    });
  const reads =
    (path: string, beginsWith: string, count = connections) =>
    () =>
      times(count, (index): Caller => {
        const headers = { cookie: cookies[index % PEOPLE] ?? '' };
        const bytes = request(`/api/auth/${path}`, { headers });
        return {
          next: () => bytes,
          read(answer) {
            if (!answer.body.startsWith(beginsWith)) throw new WrongAnswer(path, answer);
          },
        };
      });
  const signIn = httpContender({ name, port, operation: 'sign-in' }, signIns);
  const others = [
    httpContender({ name, port, operation: 'viewer' }, reads('get-session', '{"session":{')),
    httpContender(
      { name, port, operation: 'viewer, one caller' },
      reads('get-session', '{"session":{', 1),
    ),
    httpContender({ name, port, operation: 'refresh' }, reads('token', '{"token":"')),
  ];
  return { name, program, contenders: equalHash ? [signIn] : [...others, signIn] };
}

function origin(port: number): Readonly<Record<string, string>> {
  return { origin: `http://127.0.0.1:${port}` };
}

function sessionCookie(answer: Answer): string {
  const [, cookie] = /\r\nset-cookie: *(better-auth\.session_token=[^;]+)/i.exec(answer.head) ?? [];
  if (answer.status !== 200 || !cookie) throw new WrongAnswer('a session', answer);
  return cookie;
}
