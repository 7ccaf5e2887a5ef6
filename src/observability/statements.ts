import type { AroundStatement } from '../db/driver/client.ts';
import type { Tracer } from '../kernel/ports.ts';
import { statementName } from './labels.ts';

const ATTRIBUTES = { 'db.system.name': 'postgresql' };

/** Measures and traces every statement of the pool; null if neither is configured. */
export function observeStatements(
  metrics: { statement(text: string, milliseconds: number): void } | null,
  tracer: Tracer | null,
): AroundStatement | null {
  if (!metrics && !tracer) return null;
  return (text, work) => {
    const startedAt = performance.now();
    const result = tracer ? tracer.span(statementName(text), ATTRIBUTES, work) : work();
    const record = () => metrics?.statement(text, performance.now() - startedAt);
    result.then(record, record);
    return result;
  };
}
