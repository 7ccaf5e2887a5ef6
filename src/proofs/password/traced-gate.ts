import { AsyncResource } from 'node:async_hooks';
import type { Tracer } from '../../kernel/ports.ts';
import type { Gate } from './gate.ts';

/** A gate that tells how long a task waited for its turn and how long it then took. */
export function tracedGate(gate: Gate, tracer: Tracer): Gate {
  return {
    place: gate.place,
    stats: gate.stats,
    async run(task, options) {
      const begun = Promise.withResolvers<void>();
      // Whoever leaves the gate lets the next one in: without this, under its own request's span.
      const start = AsyncResource.bind(() => {
        begun.resolve();
        return tracer.span('password hash', {}, task);
      });
      const done = gate.run(start, options);
      const waited = tracer.span('password hash wait', {}, async () => {
        await Promise.race([begun.promise, done]);
      });
      const [result] = await Promise.all([done, waited]);
      return result;
    },
  };
}
