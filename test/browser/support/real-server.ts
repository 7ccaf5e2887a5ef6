import { randomBytes } from 'node:crypto';
import { post, type Reply } from '../../process/server-process.ts';
import { freePort, spawnServer } from '../../process/spawn.ts';
import { LOGIN, PASSWORD } from '../../support/journeys.ts';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.ts';
import { until } from '../../support/until.ts';

/** A mail as the development mailbox returns it to scripts. */
type MailboxMail = {
  readonly messageId: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly code: string | null;
  readonly link: string | null;
};

/** The server as `npm start` runs it in development: a process, a database, a mailbox. */
export type RealServer = {
  /** `http://localhost:…`, its PUBLIC_URL. */
  readonly url: string;
  readonly database: TestDatabase;
  /** One operation over a socket, by nobody's browser. */
  post(query: string, variables: object, token?: string): Promise<Reply>;
  /** The oldest mail of this subject to an address that was not read yet. */
  mail(to: string, subject: string): Promise<MailboxMail>;
  close(): Promise<void>;
};

/** Starts it on a database of its own. `env` adds to the settings, or replaces them. */
export async function startRealServer(
  env: (url: string) => Promise<Readonly<Record<string, string>>> = async () => ({}),
): Promise<RealServer> {
  const database = await createTestDatabase();
  const port = String(await freePort());
  const url = `http://localhost:${port}`;
  const process = spawnServer({
    command: ['dev/server.ts'],
    env: {
      PORT: port,
      DATABASE_URL: database.url,
      SECRET_KEYS: randomBytes(32).toString('base64'),
      ...(await env(url)),
    },
  });
  const close = async () => {
    process.kill('SIGKILL');
    await process.ended;
    await database.drop();
  };
  try {
    await process.listening();
    await warmUp(process.url);
  } catch (error) {
    await close();
    throw error;
  }
  const read = new Set<string>();
  return {
    url,
    database,
    post: (query, variables, token) =>
      post(process.url, query, variables, token ? { authorization: `Bearer ${token}` } : {}),
    mail: async (to, subject) => {
      const mail = await until(async () => {
        const address = `${process.url}/dev/mailbox.json?to=${encodeURIComponent(to)}`;
        const mails = (await (await fetch(address)).json()) as readonly MailboxMail[];
        return mails.findLast((one) => one.subject === subject && !read.has(one.messageId));
      }, 10_000).catch((cause) => {
        const last = process.output().split('\n').slice(-20).join('\n');
        throw new Error(`No "${subject}" came to ${to}. The server said last:\n${last}`, { cause });
      });
      read.add(mail.messageId);
      return mail;
    },
    close,
  };
}

/**
 * Signs in with an unknown address until a password is verified. The first call of a process may need more than its 2.5 s
 * where the machine is busy, gets SERVICE_UNAVAILABLE then, and would be missing in a journey.
 */
async function warmUp(url: string): Promise<void> {
  const input = { email: 'nobody@example.com', password: PASSWORD };
  await until(async () => (await post(url, LOGIN, { input })).data?.login, 60_000);
}
