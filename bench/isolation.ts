import { loginRequest, refreshCaller, viewerCaller } from './contenders/callers.ts';
import { times } from './contenders/contender.ts';
import type { Latchkey } from './contenders/latchkey.ts';
import { type Caller, runLoad, WrongAnswer } from './lib/load.ts';
import { type Summary, summarize } from './lib/statistics.ts';

/** What other requests experience while very many people sign in at once. Milliseconds and MiB. */
export type Isolation = {
  readonly quiet: { readonly viewer: Summary; readonly refresh: Summary };
  readonly flood: { readonly viewer: Summary; readonly refresh: Summary };
  readonly signedIn: number;
  /** Answered with 503, because the database did not answer in time. */
  readonly unavailable: number;
  readonly refused: Summary;
  readonly memory: { readonly before: number; readonly peak: number } | null;
};

/** Callers of the flood. */
export const FLOOD = 200;
const OTHERS = 4;
/** The wait of a caller whose answer has no retry time, and the longest wait. */
const PAUSE = 1000;
const PATIENCE = 10_000;

/**
 * 200 callers sign in as fast as the server allows; a refused caller retries at the time that the answer names.
 * Meanwhile 4 callers refresh and 4 ask for viewer.
 */
export async function measureIsolation(
  server: Omit<Latchkey, 'contenders'>,
  { people, seconds }: { readonly people: number; readonly seconds: number },
): Promise<Isolation> {
  const seats = await server.signIn(1, 2 * OTHERS);
  const viewers = seats.slice(0, OTHERS).map((seat) => viewerCaller(seat.accessToken));
  const refreshers = seats.slice(OTHERS).map((seat) => refreshCaller(seat.refreshToken));
  const floods = times(FLOOD, (index) => floodCaller(index, people));
  const others = async () => {
    const [asked, refreshed] = await Promise.all([
      runLoad(server.port, viewers, seconds),
      runLoad(server.port, refreshers, seconds),
    ]);
    return { viewer: summarize(asked.latencies), refresh: summarize(refreshed.latencies) };
  };
  const quiet = await others();
  const before = server.program.memory()?.now;
  const [flooded] = await Promise.all([others(), runLoad(server.port, floods, seconds)]);
  const peak = server.program.memory()?.peak;
  return {
    quiet,
    flood: flooded,
    signedIn: floods.reduce((sum, caller) => sum + caller.signedIn(), 0),
    unavailable: floods.reduce((sum, caller) => sum + caller.unavailable(), 0),
    refused: summarize(floods.flatMap(({ refusals }) => refusals.map((one) => one.milliseconds))),
    memory: before === undefined || peak === undefined ? null : { before, peak },
  };
}

/** One caller of the flood, and the answers it received. */
export function floodCaller(index: number, people: number) {
  const refusals: { readonly turn: number; readonly milliseconds: number }[] = [];
  let [turn, signedIn, unavailable, sentAt, pause] = [0, 0, 0, 0, 0];
  const caller: Caller = {
    next() {
      const person = ((index + turn * FLOOD) % people) + 1;
      turn += 1;
      sentAt = performance.now();
      return loginRequest(person);
    },
    read(answer) {
      const { body } = answer;
      const isAway = answer.status === 503 && body.includes('"SERVICE_UNAVAILABLE"');
      const isBusy = body.includes('"ServerBusyError"') || body.includes('"RateLimitedError"');
      const [, seconds] = /"retryAfterSeconds":(\d+)/.exec(body) ?? [];
      if (!isAway && !isBusy) pause = 0;
      else pause = seconds === undefined ? PAUSE : Math.min(Number(seconds) * 1000, PATIENCE);
      if (isAway) unavailable += 1;
      else if (isBusy) refusals.push({ turn, milliseconds: performance.now() - sentAt });
      else if (body.includes('"SignedIn"')) signedIn += 1;
      else throw new WrongAnswer('login', answer);
    },
    pause: () => pause,
  };
  return { ...caller, refusals, signedIn: () => signedIn, unavailable: () => unavailable };
}
