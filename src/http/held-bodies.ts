import { MINUTE } from '../kernel/duration.ts';
import type { Log } from '../kernel/ports.ts';
import { atMostEvery } from '../kernel/report.ts';

/** The memory of one request's body, until the request is answered. */
export type HeldBody = {
  /**
   * Says how much memory it has now.
   *
   * @returns false if there is no room for it
   */
  holds(bytes: number): boolean;
  /** It has come whole: waiting for its turn is not its client's fault. */
  isWhole(): void;
  release(): void;
};

/** The bodies of all requests of a process. */
export type HeldBodies = {
  /** @param cutOff ends the connection of a body that has to make room */
  add(cutOff: () => void): HeldBody;
};

type Entry = { bytes: number; readonly cutOff: () => void };

/**
 * Bounds the memory of all bodies together (HT-5e). When there is no room, the unfinished bodies end whose
 * clients began them first, but none that is smaller than its share: a client that sends its
 * body at once, or a small one slowly, is not among them. What has come whole is kept. A body within its
 * share has room whatever the others hold, so all of them have twice the memory at most: large bodies that
 * have come whole and wait would keep everybody out otherwise.
 *
 * @param limits.connections how many share it: the share of each is never taken away
 */
export function createHeldBodies(
  limits: { readonly bodyMemory: number; readonly connections: number },
  log: Log,
): HeldBodies {
  const share = limits.bodyMemory / limits.connections;
  const unfinished = new Set<Entry>();
  let held = 0;
  const reportLimit = atMostEvery(MINUTE, (ended: number) =>
    log.warn({ limit: limits.bodyMemory, ended }, 'body memory limit reached'),
  );

  const makeRoom = (newcomer: Entry) => {
    let ended = 0;
    // A Set iterates in the order of its additions.
    for (const entry of unfinished) {
      if (held <= limits.bodyMemory) break;
      if (entry === newcomer || entry.bytes <= share) continue;
      unfinished.delete(entry);
      held -= entry.bytes;
      entry.bytes = 0;
      entry.cutOff();
      ended += 1;
    }
    reportLimit(ended);
  };

  return {
    add(cutOff) {
      const entry: Entry = { bytes: 0, cutOff };
      unfinished.add(entry);
      let isReleased = false;
      return {
        holds(bytes) {
          held += bytes - entry.bytes;
          entry.bytes = bytes;
          if (held > limits.bodyMemory) makeRoom(entry);
          return held <= limits.bodyMemory || bytes <= share;
        },
        isWhole() {
          unfinished.delete(entry);
        },
        release() {
          if (isReleased) return;
          isReleased = true;
          unfinished.delete(entry);
          held -= entry.bytes;
        },
      };
    },
  };
}
