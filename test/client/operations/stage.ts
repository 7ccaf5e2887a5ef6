import { createFakeClock, type FakeClock } from '../../support/clock.ts';
import { startServerWith } from '../../support/oauth.ts';
import { type ForgingProvider, startForgingProvider } from '../../support/provider.ts';
import type { TestServer } from '../../support/server.ts';

/** What an operation needs in order to reach its successful outcome. */
type Prepared = {
  readonly variables?: Readonly<Record<string, unknown>>;
  /** The person who sends the request. */
  readonly token?: string;
  /** The `__typename` of the successful outcome. */
  readonly outcome: string;
};

/** A server for these operations alone, its clock, and a provider with the id `forger`. */
export type Stage = {
  readonly server: TestServer;
  readonly clock: FakeClock;
  readonly provider: ForgingProvider;
  close(): Promise<void>;
};

/** How mutations reach their successful outcome, by their names. */
export type Preparations = Readonly<Record<string, (stage: Stage) => Promise<Prepared>>>;

export async function createStage(): Promise<Stage> {
  const clock = createFakeClock();
  const provider = await startForgingProvider(clock);
  const env = { EMAIL_SIGN_IN: 'register', IMPERSONATION: 'true' };
  const server = await startServerWith([provider.setting()], { clock, env });
  return {
    clock,
    provider,
    server,
    close: async () => {
      await server.close();
      await provider.close();
    },
  };
}

let addresses = 0;

/** An address without an account. */
export function newEmail(): string {
  addresses += 1;
  return `example-${addresses}@example.com`;
}
