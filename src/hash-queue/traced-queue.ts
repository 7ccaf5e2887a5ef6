import { AsyncResource } from 'node:async_hooks';
import type { HashQueue, Tracer } from '../kernel/ports.ts';

/** A hash queue that traces how long a task waited and how long it then ran. */
export function tracedHashQueue(queue: HashQueue, tracer: Tracer): HashQueue {
  return {
    ...queue,
    async run(task, options) {
      const begun = Promise.withResolvers<void>();
      // The task that ends starts the next one. Without the binding, its span would be the parent.
      const begin = AsyncResource.bind(() => {
        begun.resolve();
        return tracer.span('password hash', {}, task);
      });
      const done = queue.run(begin, options);
      const waited = tracer.span('password hash wait', {}, async () => {
        await Promise.race([begun.promise, done]);
      });
      const [result] = await Promise.all([done, waited]);
      return result;
    },
  };
}
