import { getEventListeners } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { createHashQueue } from '../../src/hash-queue/queue.ts';
import { ServerBusyError } from '../../src/kernel/errors.ts';
import { sourceOf } from '../../src/kernel/source.ts';

/** A queue whose tasks note their names and finish one by one, when the test says so. */
function scene(concurrency: number, capacity: number) {
  const queue = createHashQueue({ concurrency, capacity });
  const started: string[] = [];
  const open: (() => void)[] = [];
  const refused: string[] = [];
  const submit = (name: string, signal?: AbortSignal) => {
    const hold = Promise.withResolvers<void>();
    const done = queue.run(
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
  return { queue, started, refused, submit, finishOne };
}

test('RL-12: no more tasks run at once than the concurrency', async () => {
  const queue = createHashQueue({ concurrency: 3, capacity: 100 });
  let [running, most] = [0, 0];
  const task = async () => {
    most = Math.max(most, ++running);
    await setImmediate();
    running -= 1;
  };
  await Promise.all(Array.from({ length: 50 }, () => queue.run(task)));
  expect(most).toBe(3);
  expect(queue.stats()).toEqual({ inFlight: 0, waiting: 0 });
});

test('RL-12: no more tasks wait than the capacity, and the excess is refused at once', async () => {
  const { queue, submit, refused } = scene(1, 2);
  for (const name of ['a1', 'a2', 'a3']) submit(name);
  await expect(submit('a4')).rejects.toThrow(ServerBusyError);
  expect(refused).toEqual(['a4 ServerBusyError']);
  expect(queue.stats()).toEqual({ inFlight: 1, waiting: 2 });
});

test('RL-12: fewer tasks wait while a task takes so long that the last one would wait in vain', async () => {
  vi.useFakeTimers();
  try {
    const queue = createHashQueue({ concurrency: 1, capacity: 64 });
    const task = () => new Promise<void>((resolve) => setTimeout(resolve, 1_000));
    const first = queue.run(task);
    await vi.advanceTimersByTimeAsync(1_000);
    await first;
    const outcomes = Array.from({ length: 10 }, () => queue.run(task).catch((error) => error.name));
    expect(queue.stats()).toEqual({ inFlight: 1, waiting: 5 });
    await vi.advanceTimersByTimeAsync(10_000);
    expect((await Promise.all(outcomes)).filter(Boolean)).toHaveLength(4);
  } finally {
    vi.useRealTimers();
  }
});

test('with a capacity of none only tasks that can run now are accepted', async () => {
  const { submit } = scene(1, 0);
  submit('a1');
  await expect(submit('b1')).rejects.toThrow(ServerBusyError);
});

test('sources are served round robin, first in, first out within one', async () => {
  const { started, submit, finishOne } = scene(1, 10);
  for (const name of ['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1']) submit(name);
  for (let i = 0; i < 7; i += 1) await finishOne();
  expect(started).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4']);
});

test('a flood from one source delays another source by one task', async () => {
  const { started, submit, finishOne } = scene(1, 64);
  for (let i = 0; i < 65; i += 1) submit(`a${i}`);
  submit('b');
  for (let i = 0; i < 3; i += 1) await finishOne();
  expect(started.indexOf('b')).toBeGreaterThan(-1);
  expect(started.indexOf('b')).toBeLessThanOrEqual(2);
});

test('when the queue is full, the last task of the source with the most tasks makes room for another source', async () => {
  const { queue, started, refused, submit, finishOne } = scene(1, 4);
  for (const name of ['a0', 'a1', 'a2', 'a3', 'a4']) submit(name);
  submit('b1');
  submit('b2');
  await setImmediate();
  expect(refused).toEqual(['a4 ServerBusyError', 'a3 ServerBusyError']);
  submit('b3'); // Two each: a third of b would be the greedy one.
  await setImmediate();
  expect(refused.at(-1)).toBe('b3 ServerBusyError');
  submit('c1'); // One of the twos makes room for a first.
  await setImmediate();
  expect(refused).toHaveLength(4);
  expect(queue.stats()).toEqual({ inFlight: 1, waiting: 4 });
  for (let i = 0; i < 5; i += 1) await finishOne();
  expect(started).toEqual(['a0', 'a1', 'b1', 'c1', 'b2']);
});

test.each([
  ['one IPv4 address', () => '203.0.113.9'],
  ['the addresses of one /64', (n: number) => `2001:db8:1:2::${n.toString(16)}`],
  ['the /64s of one /56', (n: number) => `2001:db8:1:${n.toString(16)}::1`],
  ['the /64s of one /48', (n: number) => `2001:db8:1:${((n * 331) % 65_536).toString(16)}::1`],
])('RL-12, RL-5: a flood from %s keeps none of eleven other sources out', async (_, addressOf) => {
  const queue = createHashQueue({ concurrency: 1, capacity: 24 });
  const open: (() => void)[] = [];
  const submit = (ipAddress: string) =>
    queue.run(
      async () => {
        const hold = Promise.withResolvers<void>();
        open.push(hold.resolve);
        await hold.promise;
        return 'served';
      },
      { source: sourceOf({ ipAddress }) },
    );
  const outcomes: Promise<string>[] = [];
  let flood = 0;
  const attack = async () => {
    for (let n = 0; n < 40; n += 1) {
      flood += 1;
      submit(addressOf(flood)).catch(() => undefined);
    }
    await setImmediate();
  };
  for (let n = 0; n < 11; n += 1) {
    await attack();
    outcomes.push(submit(`198.51.100.${n}`).catch(() => 'refused'));
    await attack();
  }
  for (let n = 0; n < 60; n += 1) {
    open.shift()?.();
    await setImmediate();
  }
  const served = (await Promise.all(outcomes)).filter((one) => one === 'served');
  expect(served).toHaveLength(11);
});

test('RL-5: within the network of a flood its neighbors are served in alternation with it', async () => {
  const queue = createHashQueue({ concurrency: 1, capacity: 8 });
  const order: string[] = [];
  const submit = (name: string, ipAddress: string) =>
    queue
      .run(async () => order.push(name), { source: sourceOf({ ipAddress }) })
      .catch(() => order.push(`${name} refused`));
  const all = [
    ...Array.from({ length: 12 }, (_, n) => submit('flood', `2001:db8:1:2::${n}`)),
    submit('neighbor', '2001:db8:1:3::1'),
    submit('other', '203.0.113.9'),
  ];
  await Promise.all(all);
  expect(order.filter((one) => one === 'flood refused')).toHaveLength(5);
  const served = order.filter((one) => !one.endsWith('refused'));
  expect(served.indexOf('neighbor')).toBeLessThanOrEqual(4);
  expect(served.indexOf('other')).toBeLessThanOrEqual(3);
  expect(queue.stats()).toEqual({ inFlight: 0, waiting: 0 });
});

test('two equal sources do not displace each other alternately', async () => {
  const { refused, submit } = scene(1, 3);
  for (const name of ['a0', 'a1', 'a2', 'b1', 'b2', 'a3']) submit(name);
  await setImmediate();
  expect(refused).toEqual(['b2 ServerBusyError', 'a3 ServerBusyError']);
});

test('RL-12: requireRoom refuses exactly the sources that reserve would refuse', async () => {
  const { queue, refused, submit } = scene(1, 3);
  queue.requireRoom(['a']);
  for (const name of ['a0', 'a1', 'a2', 'a3']) submit(name);
  expect(() => queue.requireRoom(['a'])).toThrow(ServerBusyError);
  queue.requireRoom(['b']);
  queue.requireRoom(null);
  for (const name of ['b1', 'a4']) submit(name);
  await setImmediate();
  expect(refused).toEqual(['a3 ServerBusyError', 'a4 ServerBusyError']);
  expect(() => queue.requireRoom(['b'])).toThrow(ServerBusyError);
});

test('GQ-14: a task whose client disconnects leaves the queue, and its slot is free', async () => {
  const { queue, started, submit, finishOne } = scene(1, 1);
  const disconnect = new AbortController();
  submit('a1');
  const waiting = submit('b1', disconnect.signal);
  disconnect.abort(new Error('disconnected'));
  await expect(waiting).rejects.toThrow('disconnected');
  expect(queue.stats()).toEqual({ inFlight: 1, waiting: 0 });
  submit('c1');
  await finishOne();
  expect(started).toEqual(['a1', 'c1']);
});

test('GQ-14: a task never starts if its signal was aborted before', async () => {
  const { started, submit } = scene(1, 1);
  await expect(submit('a1', AbortSignal.abort(new Error('disconnected')))).rejects.toThrow(
    'disconnected',
  );
  expect(started).toEqual([]);
});

test('a task that has begun runs to its end and no longer listens to its signal', async () => {
  const { submit, finishOne } = scene(1, 1);
  const controller = new AbortController();
  submit('a1');
  const second = submit('b1', controller.signal);
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
  await finishOne();
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  controller.abort();
  await finishOne();
  await expect(second).resolves.toBe('b1');
});

test('a task that fails frees its slot for the next one', async () => {
  const queue = createHashQueue({ concurrency: 1, capacity: 5 });
  const fail = queue.run(() => {
    throw new Error('synchronous');
  });
  const next = queue.run(async () => 'served');
  await expect(fail).rejects.toThrow('synchronous');
  await expect(next).resolves.toBe('served');
  expect(queue.stats()).toEqual({ inFlight: 0, waiting: 0 });
});

test('RL-12: excess callers of one moment are refused before any of them has asked the database', async () => {
  const { queue, started } = scene(1, 3);
  const reserve = async (source: string) => {
    queue.requireRoom([source]);
    return await queue.reserve([source]);
  };
  const outcomes = await Promise.allSettled(
    Array.from({ length: 200 }, (_, index) => reserve(`source ${index}`)),
  );
  expect(outcomes.slice(0, 4).map(({ status }) => status)).toEqual(Array(4).fill('fulfilled'));
  const refusals = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  expect(refusals).toHaveLength(196);
  for (const refusal of refusals) expect(refusal).toBeInstanceOf(ServerBusyError);
  const reservations = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  // They come back from the database in another order than they left in.
  const served = await Promise.all(
    reservations.toReversed().map((reservation) =>
      queue.run(
        async () => {
          started.push('served');
        },
        { reservation },
      ),
    ),
  );
  expect(served).toHaveLength(4);
  expect(queue.stats()).toEqual({ inFlight: 0, waiting: 0 });
});

test('a reservation whose caller is on the way delays no task that is ready', async () => {
  const { queue, started, submit, finishOne } = scene(1, 3);
  const away = await queue.reserve(['a']);
  for (const name of ['a1', 'a2', 'b1']) submit(name);
  for (let i = 0; i < 3; i += 1) await finishOne();
  expect(started).toEqual(['a1', 'a2', 'b1']);
  const others = Promise.allSettled(Array.from({ length: 3 }, () => queue.reserve(['b'])));
  await queue.reserve(['c']);
  const outcomes = (await others).map(({ status }) => status);
  expect(outcomes).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  expect(() => queue.requireRoom(['c'])).toThrow(ServerBusyError);
  away.release();
  away.release();
  queue.requireRoom(['c']);
});

test('a source with many reservations loses one to another source, and its task is refused', async () => {
  const { queue } = scene(1, 2);
  const [first, second, third] = await Promise.all([
    queue.reserve(['a']),
    queue.reserve(['a']),
    queue.reserve(['a']),
  ]);
  await expect(queue.reserve(['a'])).rejects.toThrow(ServerBusyError);
  queue.requireRoom(['b']);
  const other = await queue.reserve(['b']);
  const task = async () => 'served';
  await expect(queue.run(task, { reservation: third })).rejects.toThrow(ServerBusyError);
  for (const reservation of [first, second, other])
    await expect(queue.run(task, { reservation })).resolves.toBe('served');
});

test('GQ-14: a client that disconnects on the way does not begin, and releases its slot', async () => {
  const { queue } = scene(1, 0);
  const reservation = await queue.reserve(['a']);
  const signal = AbortSignal.abort(new Error('disconnected'));
  const run = queue.run(async () => 'served', { reservation, signal });
  await expect(run).rejects.toThrow('disconnected');
  reservation.release();
  await queue.reserve(['b']);
});

test('RL-12: callers of one moment are all examined before the first begins, then a few begin in each turn of the event loop', async () => {
  const { queue } = scene(2, 4);
  const order: string[] = [];
  const callers = Array.from({ length: 9 }, (_, index) =>
    queue.reserve([`source ${index}`]).then(
      () => order.push('begins'),
      () => order.push('refused'),
    ),
  );
  const refused = Array(3).fill('refused');
  await new Promise((resolve) => process.nextTick(resolve));
  expect(order).toEqual(refused);
  await setImmediate();
  expect(order).toEqual([...refused, 'begins', 'begins']);
  await Promise.all(callers);
  expect(order).toEqual([...refused, ...Array(6).fill('begins')]);
});

test('a source that loses its slot before its batch is refused then, and asks the database nothing', async () => {
  const { queue } = scene(1, 1);
  const [first, second] = [queue.reserve(['a']), queue.reserve(['a'])];
  const other = queue.reserve(['b']);
  await expect(second).rejects.toThrow(ServerBusyError);
  await Promise.all([first, other]);
});
