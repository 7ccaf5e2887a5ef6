import { emailOf } from '../../../bench/lib/seed.ts';
import { anyAddress, type Client, refresh, signIn, view } from './device.ts';
import type { Device } from './ledger.ts';

/** Calls a second. */
export type Rates = { readonly refresh: number; readonly login: number; readonly viewer: number };

/** The background of every row, unless it says otherwise (docs/requirements.md, section 3). */
export const NORMAL: Rates = { refresh: 20, login: 5, viewer: 20 };

/** What a kind of call took from its first try to its last, in milliseconds, by when it began. */
export type Timing = { readonly at: number; readonly milliseconds: number };

/** Calls that come at their rate whether or not the earlier ones were answered. */
export type Load = {
  readonly timings: Readonly<Record<keyof Rates, readonly Timing[]>>;
  /** Starts no more calls and waits for those under way. */
  stop(): Promise<void>;
};

/** Devices of different people, signed in a few at a time. */
export async function signInDevices(client: Client, count: number): Promise<Device[]> {
  const devices: Device[] = [];
  let next = 0;
  const worker = async () => {
    while (next < count) {
      next += 1;
      const device = await signIn(client, emailOf(next));
      if (device) devices.push(device);
    }
  };
  await Promise.all([worker(), worker(), worker()]);
  return devices;
}

/** Begins the load. Its devices are refreshed and asked in turn; sign-ins are of these people. */
export function startLoad(
  client: Client,
  options: {
    readonly devices: readonly Device[];
    readonly people: number;
    /** How much of the rates; all when left out. */
    readonly share?: number;
    readonly rates?: Rates;
  },
): Load {
  const { devices, people, share = 1, rates = NORMAL } = options;
  const timings: Record<keyof Rates, Timing[]> = { refresh: [], login: [], viewer: [] };
  const underWay = new Set<Promise<void>>();
  let turn = 0;

  const idle = () => {
    for (let looked = 0; looked < devices.length; looked += 1) {
      turn += 1;
      const device = devices[turn % devices.length];
      if (device && !device.busy && !device.refused) return device;
    }
    return null;
  };
  const calls: Record<keyof Rates, () => Promise<unknown> | null> = {
    refresh: () => {
      const device = idle();
      if (!device) return null;
      device.busy = true;
      return refresh(client, device).finally(() => {
        device.busy = false;
      });
    },
    login: () => {
      turn += 1;
      return signIn(client, emailOf((turn % people) + 1), anyAddress());
    },
    viewer: () => {
      const device = devices[turn++ % devices.length];
      return device ? view(client, device) : null;
    },
  };
  const begin = (kind: keyof Rates) => {
    const at = performance.now();
    const called = calls[kind]();
    if (!called) return;
    const timed = called.then(() => {
      timings[kind].push({ at, milliseconds: performance.now() - at });
      underWay.delete(timed);
    });
    underWay.add(timed);
  };
  const kinds: readonly (keyof Rates)[] = ['refresh', 'login', 'viewer'];
  const timers = kinds
    .filter((kind) => rates[kind] > 0)
    .map((kind) => setInterval(() => begin(kind), 1000 / (rates[kind] * share)));
  return {
    timings,
    async stop() {
      for (const timer of timers) clearInterval(timer);
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}
