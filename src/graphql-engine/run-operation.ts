import {
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import type { OperationContext } from '../http/context.ts';
import { explainVariables } from './coercion.ts';
import type { Deadline } from './deadline.ts';
import { MAX_ERRORS } from './operation-limits.ts';

/**
 * Executes the operation of a request: once, whoever asks for its result again (GQ-14). Hints are
 * off, since "Did you mean" tells the schema to whoever has none (GQ-8).
 */
export function runOperation(args: ExecutionArgs): Promise<ExecutionResult> {
  const { deadline, observed, execution } = args.contextValue as OperationContext;
  execution.result ??= beforeOver(deadline, async () => {
    const operation = getOperationAST(args.document, args.operationName);
    observed.operation = operation ? nameOf(operation) : null;
    observed.rootField = operation ? rootFieldOf(args.schema, operation) : null;
    const options = { maxCoercionErrors: MAX_ERRORS };
    return explainVariables(await execute({ ...args, hideSuggestions: true, options }), args);
  });
  return execution.result;
}

/** The name is the client's text: bounded, so that it cannot fill the log (GQ-16). */
function nameOf({ name, operation }: OperationDefinitionNode): string {
  return name?.value.slice(0, 64) ?? operation;
}

/** A word of our own schema, whatever the client calls its operation and its fields (GQ-16). */
function rootFieldOf(schema: GraphQLSchema, operation: OperationDefinitionNode): string {
  const { selections } = operation.selectionSet;
  const [first] = selections;
  if (selections.length !== 1 || first?.kind !== Kind.FIELD) return 'several';
  const fields = schema.getRootType(operation.operation)?.getFields() ?? {};
  return Object.hasOwn(fields, first.name.value) ? first.name.value : 'introspection';
}

/**
 * Ends the wait when the time is over or nobody is left to answer. What is running goes on to its
 * own end: the database's calls have limits of their own.
 */
function beforeOver<T>(deadline: Deadline, work: () => T | Promise<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  let isOver = false;
  deadline.onOver((reason) => {
    isOver = true;
    reject(reason);
  });
  // Not resolve(work()): that would wait for the work and for nothing else.
  if (!isOver) Promise.try(work).then(resolve, reject);
  return promise;
}
