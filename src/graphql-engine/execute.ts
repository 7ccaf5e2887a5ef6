import {
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  validateExecutionArgs,
} from 'graphql';
import { createSharedExecutionContext } from 'graphql/execution/createSharedExecutionContext.js';
import { Executor } from 'graphql/execution/Executor.js';
import type { OperationContext } from './context.ts';
import type { Deadline } from './deadline.ts';
import { MAX_ERRORS } from './operation-limits.ts';
import { explainVariables } from './variable-errors.ts';

/**
 * `execute` of graphql-js creates a signal for each operation and aborts it at the end, with an error
 * and its stack. No resolver of this server reads that signal: the deadline has one of its own.
 */
const NEVER_ABORTED = new AbortController().signal;

type Execution = Pick<ExecutionArgs, 'schema' | 'document' | 'operationName' | 'variableValues'> & {
  readonly operation: OperationDefinitionNode;
  readonly context: OperationContext;
};

/**
 * Executes a validated operation until its deadline (GQ-14). Suggestions are hidden, because "Did you
 * mean" would disclose the schema to clients that cannot introspect it (GQ-8).
 */
export function executeOperation(execution: Execution): Promise<ExecutionResult> {
  const { operation, context, ...request } = execution;
  return beforeExpiry(context.deadline, async () => {
    context.observed.operation = nameOf(operation);
    context.observed.rootField = rootFieldOf(request.schema, operation);
    const args = validateExecutionArgs({
      ...request,
      contextValue: context,
      hideSuggestions: true,
      options: { maxCoercionErrors: MAX_ERRORS },
    });
    if (!('schema' in args)) return explainVariables({ errors: args }, request);
    const shared = createSharedExecutionContext(NEVER_ABORTED);
    return new Executor(args, shared).executeRootSelectionSet();
  });
}

/** The name is the client's text. It is bounded so that it cannot fill the log (GQ-16). */
function nameOf({ name, operation }: OperationDefinitionNode): string {
  return name?.value.slice(0, 64) ?? operation;
}

/** A name of our own schema, whatever the client calls its operation and its fields (GQ-16). */
function rootFieldOf(schema: GraphQLSchema, operation: OperationDefinitionNode): string {
  const { selections } = operation.selectionSet;
  const [first] = selections;
  if (selections.length !== 1 || first?.kind !== Kind.FIELD) return 'several';
  const fields = schema.getRootType(operation.operation)?.getFields() ?? {};
  return Object.hasOwn(fields, first.name.value) ? first.name.value : 'introspection';
}

/**
 * Stops waiting when the deadline expires or the client disconnects. The work itself runs to its own
 * end: calls of the database have limits of their own.
 */
function beforeExpiry<T>(deadline: Deadline, work: () => Promise<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  let isExpired = false;
  deadline.onExpire((reason) => {
    isExpired = true;
    reject(reason);
  });
  // Not resolve(work()): that would wait for the work and for nothing else.
  if (!isExpired) work().then(resolve, reject);
  return promise;
}
