import { getEventListeners } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { ServerBusyError } from '../../../src/kernel/errors.ts';
import { sourceOf } from '../../../src/kernel/source.ts';
import { createGate } from '../../../src/proofs/password/gate.ts';
import { latch } from './support.ts';

/** A gate whose tasks note their names and wait to be let go, one by one. */
function scene(concurrency: number, queue: number) {
  const gate = createGate({ concurrency, queue });
  const started: string[] = [];
  const open: (() => void)[] = [];
  const refused: string[] = [];
  const enter = (name: string, signal?: AbortSignal) => {
    const hold = latch();
    const done = gate.run(
      async () => {
        started.push(name);
        open.push(hold.resolve);
        await hold.promise;
        return name;
      },
      { source: [name.slice(0, 1)], ...(signal && { signal }) },
    );
    done.catch((error) => refused.push(`${name} ${error.name}`));
    return done;
  };
  const finishOne = async () => {
    open.shift()?.();
    await setImmediate();
  };
  return { gate, started, refused, enter, finishOne };
}

test('RL-12 runs no more at once than it may', async () => {
  const gate = createGate({ concurrency: 3, queue: 100 });
  let [running, most] = [0, 0];
  const task = async () => {
    most = Math.max(most, ++running);
    await setImmediate();
    running -= 1;
  };
  await Promise.all(Array.from({ length: 50 }, () => gate.run(task)));
  expect(most).toBe(3);
  expect(gate.stats()).toEqual({ inFlight: 0, waiting: 0 });
});

test('RL-12 lets no more wait than it may, and says so at once', async () => {
  const { gate, enter, refused } = scene(1, 2);
  for (const name of ['a1', 'a2', 'a3']) enter(name);
  await expect(enter('a4')).rejects.toThrow(ServerBusyError);
  expect(refused).toEqual(['a4 ServerBusyError']);
  expect(gate.stats()).toEqual({ inFlight: 1, waiting: 2 });
});

test('RL-12 lets fewer wait while a task takes so long that the last would wait in vain', async () => {
  vi.useFakeTimers();
  try {
    const gate = createGate({ concurrency: 1, queue: 64 });
    const task = () => new Promise<void>((resolve) => setTimeout(resolve, 1_000));
    const first = gate.run(task);
    await vi.advanceTimersByTimeAsync(1_000);
    await first;
    const outcomes = Array.from({ length: 10 }, () => gate.run(task).catch((error) => error.name));
    expect(gate.stats()).toEqual({ inFlight: 1, waiting: 5 });
    await vi.advanceTimersByTimeAsync(10_000);
    expect((await Promise.all(outcomes)).filter(Boolean)).toHaveLength(4);
  } finally {
    vi.useRealTimers();
  }
});

test('with no queue takes only what can run now', async () => {
  const { enter } = scene(1, 0);
  enter('a1');
  await expect(enter('b1')).rejects.toThrow(ServerBusyError);
});

test('takes turns between sources, first come first served within one', async () => {
  const { started, enter, finishOne } = scene(1, 10);
  for (const name of ['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1']) enter(name);
  for (let i = 0; i < 7; i += 1) await finishOne();
  expect(started).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4']);
});

test('a flood from one source holds up another by one turn', async () => {
  const { started, enter, finishOne } = scene(1, 64);
  for (let i = 0; i < 65; i += 1) enter(`a${i}`);
  enter('b');
  for (let i = 0; i < 3; i += 1) await finishOne();
  expect(started.indexOf('b')).toBeGreaterThan(-1);
  expect(started.indexOf('b')).toBeLessThanOrEqual(2);
});

test('when full, the last of the greediest source makes room for another source', async () => {
  const { gate, started, refused, enter, finishOne } = scene(1, 4);
  for (const name of ['a0', 'a1', 'a2', 'a3', 'a4']) enter(name);
  enter('b1');
  enter('b2');
  await setImmediate();
  expect(refused).toEqual(['a4 ServerBusyError', 'a3 ServerBusyError']);
  enter('b3'); // Two each: a third of b would be the greedy one.
  await setImmediate();
  expect(refused.at(-1)).toBe('b3 ServerBusyError');
  enter('c1'); // One of the twos makes room for a first.
  await setImmediate();
  expect(refused).toHaveLength(4);
  expect(gate.stats()).toEqual({ inFlight: 1, waiting: 4 });
  for (let i = 0; i < 5; i += 1) await finishOne();
  expect(started).toEqual(['a0', 'a1', 'b1', 'c1', 'b2']);
});

test.each([
  ['one IPv4 address', () => '203.0.113.9'],
  ['the addresses of one /64', (n: number) => `2001:db8:1:2::${n.toString(16)}`],
  ['the /64s of one /56', (n: number) => `2001:db8:1:${n.toString(16)}::1`],
  ['the /64s of one /48', (n: number) => `2001:db8:1:${((n * 331) % 65_536).toString(16)}::1`],
])('RL-12, RL-5: a flood from %s keeps none of eleven bystanders out', async (_, addressOf) => {
  const gate = createGate({ concurrency: 1, queue: 24 });
  const open: (() => void)[] = [];
  const enter = (ipAddress: string) =>
    gate.run(
      async () => {
        const hold = latch();
        open.push(hold.resolve);
        await hold.promise;
        return 'got in';
      },
      { source: sourceOf({ ipAddress }) },
    );
  const outcomes: Promise<string>[] = [];
  let flood = 0;
  const attack = async () => {
    for (let n = 0; n < 40; n += 1) {
      flood += 1;
      enter(addressOf(flood)).catch(() => undefined);
    }
    await setImmediate();
  };
  for (let n = 0; n < 11; n += 1) {
    await attack();
    outcomes.push(enter(`198.51.100.${n}`).catch(() => 'refused'));
    await attack();
  }
  for (let n = 0; n < 60; n += 1) {
    open.shift()?.();
    await setImmediate();
  }
  const gotIn = (await Promise.all(outcomes)).filter((one) => one === 'got in');
  expect(gotIn).toHaveLength(11);
});

test('RL-5: within the network of a flood its neighbors take turns with it', async () => {
  const gate = createGate({ concurrency: 1, queue: 8 });
  const order: string[] = [];
  const enter = (name: string, ipAddress: string) =>
    gate
      .run(async () => order.push(name), { source: sourceOf({ ipAddress }) })
      .catch(() => order.push(`${name} refused`));
  const all = [
    ...Array.from({ length: 12 }, (_, n) => enter('flood', `2001:db8:1:2::${n}`)),
    enter('neighbor', '2001:db8:1:3::1'),
    enter('other', '203.0.113.9'),
  ];
  await Promise.all(all);
  expect(order.filter((one) => one === 'flood refused')).toHaveLength(5);
  const served = order.filter((one) => !one.endsWith('refused'));
  expect(served.indexOf('neighbor')).toBeLessThanOrEqual(4);
  expect(served.indexOf('other')).toBeLessThanOrEqual(3);
  expect(gate.stats()).toEqual({ inFlight: 0, waiting: 0 });
});

test('two sources do not push each other out in turns', async () => {
  const { refused, enter } = scene(1, 3);
  for (const name of ['a0', 'a1', 'a2', 'b1', 'b2', 'a3']) enter(name);
  await setImmediate();
  expect(refused).toEqual(['b2 ServerBusyError', 'a3 ServerBusyError']);
});

test('RL-12 refuses at the door whom the queue would refuse, and nobody else', async () => {
  const { gate, refused, enter } = scene(1, 3);
  gate.place(['a']).demandRoom();
  for (const name of ['a0', 'a1', 'a2', 'a3']) enter(name);
  expect(() => gate.place(['a']).demandRoom()).toThrow(ServerBusyError);
  gate.place(['b']).demandRoom();
  gate.place(null).demandRoom();
  for (const name of ['b1', 'a4']) enter(name);
  await setImmediate();
  expect(refused).toEqual(['a3 ServerBusyError', 'a4 ServerBusyError']);
  expect(() => gate.place(['b']).demandRoom()).toThrow(ServerBusyError);
});

test('GQ-14 forgets a waiter that gave up, and gives its place away', async () => {
  const { gate, started, enter, finishOne } = scene(1, 1);
  const gone = new AbortController();
  enter('a1');
  const waiting = enter('b1', gone.signal);
  gone.abort(new Error('hung up'));
  await expect(waiting).rejects.toThrow('hung up');
  expect(gate.stats()).toEqual({ inFlight: 1, waiting: 0 });
  enter('c1');
  await finishOne();
  expect(started).toEqual(['a1', 'c1']);
});

test('GQ-14 never starts for a signal that was aborted before', async () => {
  const { started, enter } = scene(1, 1);
  await expect(enter('a1', AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
  expect(started).toEqual([]);
});

test('runs to its end what has begun, and lets go of the signal', async () => {
  const { enter, finishOne } = scene(1, 1);
  const controller = new AbortController();
  enter('a1');
  const second = enter('b1', controller.signal);
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
  await finishOne();
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  controller.abort();
  await finishOne();
  await expect(second).resolves.toBe('b1');
});

test('a task that fails leaves its place to the next', async () => {
  const gate = createGate({ concurrency: 1, queue: 5 });
  const fail = gate.run(() => {
    throw new Error('synchronous');
  });
  const next = gate.run(async () => 'served');
  await expect(fail).rejects.toThrow('synchronous');
  await expect(next).resolves.toBe('served');
  expect(gate.stats()).toEqual({ inFlight: 0, waiting: 0 });
});

test('RL-12 a herd has places before it has asked the database, and no more than there are', async () => {
  const { gate, started } = scene(1, 3);
  const herd = Array.from({ length: 200 }, (_, index) => gate.place([`source ${index}`]));
  const outcomes = await Promise.allSettled(
    herd.map(async (place) => {
      place.demandRoom();
      await place.take();
    }),
  );
  const refusals = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  expect(refusals).toHaveLength(196);
  for (const refusal of refusals) expect(refusal).toBeInstanceOf(ServerBusyError);
  const admitted = herd.filter((_, index) => outcomes[index]?.status === 'fulfilled');
  expect(admitted).toEqual(herd.slice(0, 4));
  // They come back from the database in another order than they left in.
  const served = await Promise.all(
    admitted.toReversed().map((place) =>
      gate.run(
        async () => {
          started.push('served');
        },
        { place },
      ),
    ),
  );
  expect(served).toHaveLength(4);
  expect(gate.stats()).toEqual({ inFlight: 0, waiting: 0 });
});

test('who is on the way holds up nobody who is there', async () => {
  const { gate, started, enter, finishOne } = scene(1, 3);
  const away = gate.place(['a']);
  await away.take();
  for (const name of ['a1', 'a2', 'b1']) enter(name);
  for (let i = 0; i < 3; i += 1) await finishOne();
  expect(started).toEqual(['a1', 'a2', 'b1']);
  const others = Array.from({ length: 3 }, () => gate.place(['b']));
  const taken = Promise.allSettled(others.map((place) => place.take()));
  await gate.place(['c']).take();
  const told = (await taken).map(({ status }) => status);
  expect(told).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  expect(() => gate.place(['c']).demandRoom()).toThrow(ServerBusyError);
  away.leave();
  away.leave();
  gate.place(['c']).demandRoom();
});

test('a greedy source loses a place it has on the way to another, and is told when it comes', async () => {
  const { gate } = scene(1, 2);
  const [first, second, third] = [gate.place(['a']), gate.place(['a']), gate.place(['a'])];
  await Promise.all([first, second, third].map((place) => place.take()));
  await expect(gate.place(['a']).take()).rejects.toThrow(ServerBusyError);
  const other = gate.place(['b']);
  other.demandRoom();
  await other.take();
  const task = async () => 'served';
  await expect(gate.run(task, { place: third })).rejects.toThrow(ServerBusyError);
  for (const place of [first, second, other])
    await expect(gate.run(task, { place })).resolves.toBe('served');
});

test('GQ-14 who hangs up on the way does not begin, and gives the place away', async () => {
  const { gate } = scene(1, 0);
  const place = gate.place(['a']);
  await place.take();
  const signal = AbortSignal.abort(new Error('hung up'));
  await expect(gate.run(async () => 'served', { place, signal })).rejects.toThrow('hung up');
  place.leave();
  await gate.place(['b']).take();
});

test('RL-12 a herd is looked at before the first of it is worked for, then few a turn', async () => {
  const { gate } = scene(2, 4);
  const order: string[] = [];
  const herd = Array.from({ length: 9 }, (_, index) =>
    gate
      .place([`source ${index}`])
      .take()
      .then(
        () => order.push('begins'),
        () => order.push('refused'),
      ),
  );
  const refused = Array(3).fill('refused');
  await new Promise((resolve) => process.nextTick(resolve));
  expect(order).toEqual(refused);
  await setImmediate();
  expect(order).toEqual([...refused, 'begins', 'begins']);
  await Promise.all(herd);
  expect(order).toEqual([...refused, ...Array(6).fill('begins')]);
});

test('a greedy source that loses its place before its turn is told then, and asks nothing', async () => {
  const { gate } = scene(1, 1);
  const [first, second] = [gate.place(['a']).take(), gate.place(['a']).take()];
  const other = gate.place(['b']).take();
  await expect(second).rejects.toThrow(ServerBusyError);
  await Promise.all([first, other]);
});
