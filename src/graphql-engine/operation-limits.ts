import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { workOf } from './document-work.ts';

/**
 * How much one operation may ask for, fragments expanded (GQ-5, GQ-6). The deepest path of the
 * contract has 6 fields: a mutation's `viewer { sessions { edges { node { id } } } }`.
 */
export const OPERATION_LIMITS = {
  documentLength: 15_000,
  tokens: 1_000,
  rootFields: 5,
  costlyFields: 1,
  aliases: 5,
  directives: 10,
  depth: 6,
  /** Every field counts as often as it is reached. Lists are bounded by their `first`. */
  fields: 500,
  /** The cost of validating a document (GQ-6a): some 2 ms of one core, twice the worst usual document. */
  work: 40_000,
  /** Introspection, if it is on, is deeper by nature. */
  introspectionDepth: 20,
  variableDepth: 8,
  operationName: 64,
} as const;

/**
 * The most errors in one response: more of them help nobody and only make the response larger. The
 * default of graphql-js is 100.
 */
export const MAX_ERRORS = 10;

/** The size of a selection set. `here` counts its own level; the others count everything below as well. */
type Measure = {
  readonly here: number;
  readonly costlyHere: number;
  readonly aliases: number;
  readonly directives: number;
  readonly fields: number;
  readonly depth: number;
  readonly introspectionDepth: number;
};

const NOTHING: Measure = {
  here: 0,
  costlyHere: 0,
  aliases: 0,
  directives: 0,
  fields: 0,
  depth: 0,
  introspectionDepth: 0,
};

/** The error of an operation that exceeds a limit, in fixed words. */
export function limitError(limit: string): GraphQLError {
  return new GraphQLError(`The operation exceeds a limit: ${limit}.`, {
    extensions: { code: 'OPERATION_LIMIT_EXCEEDED' },
  });
}

/** The limit that the members of a request exceed, before the document is parsed; null if none. */
export function exceededParams(params: {
  readonly query?: unknown;
  readonly operationName?: unknown;
  readonly variables?: unknown;
}): GraphQLError | null {
  const { query, operationName, variables } = params;
  const limits = OPERATION_LIMITS;
  if (typeof query === 'string' && query.length > limits.documentLength)
    return limitError(`at most ${limits.documentLength} characters`);
  if (typeof operationName === 'string' && operationName.length > limits.operationName)
    return limitError(`at most ${limits.operationName} characters in its name`);
  return isTooDeep(variables) ? limitError('its variables nest too deeply') : null;
}

/**
 * Checks documents by size alone, before any validation. Each fragment is measured once and added
 * wherever it is spread, so a document that doubles itself a hundred times costs no more than its
 * text.
 */
export function createLimits(
  schema: GraphQLSchema,
): (document: DocumentNode) => readonly GraphQLError[] {
  const costly = {
    query: costlyFields(schema.getQueryType()?.getFields()),
    mutation: costlyFields(schema.getMutationType()?.getFields()),
    subscription: new Set<string>(),
  };
  return (document) => {
    const exceeded = document.definitions
      .filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
      .map((operation) => exceededLimit(document, operation, costly[operation.operation]))
      .filter((limit) => limit !== null);
    const { work } = OPERATION_LIMITS;
    if (exceeded.length === 0 && workOf(document, work) > work)
      exceeded.push('it repeats its fields or fragments too often');
    return exceeded.map(limitError);
  };
}

/** The first limit that an operation exceeds, in words; null if it exceeds none. */
function exceededLimit(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  costly: ReadonlySet<string>,
): string | null {
  const measure = measureOperation(document, operation.selectionSet, costly);
  if (!measure) return 'its fragments spread themselves';
  const variables = operation.variableDefinitions ?? [];
  const directives =
    measure.directives +
    (operation.directives?.length ?? 0) +
    variables.reduce((sum, variable) => sum + (variable.directives?.length ?? 0), 0);
  const limits = OPERATION_LIMITS;
  if (measure.costlyHere > limits.costlyFields) {
    return 'only one field that checks a credential or sends mail';
  }
  if (measure.here > limits.rootFields) return `at most ${limits.rootFields} root fields`;
  if (measure.aliases > limits.aliases) return `at most ${limits.aliases} aliases`;
  if (directives > limits.directives) return `at most ${limits.directives} directives`;
  if (measure.depth > limits.depth) return `at most ${limits.depth} fields deep`;
  if (measure.introspectionDepth > limits.introspectionDepth)
    return 'its introspection nests too deeply';
  if (measure.fields > limits.fields) return `at most ${limits.fields} fields`;
  return null;
}

/** @returns null if a fragment spreads itself */
function measureOperation(
  document: DocumentNode,
  root: SelectionSetNode,
  costly: ReadonlySet<string>,
): Measure | null {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION)
      fragments.set(definition.name.value, definition);
  }
  const done = new Map<string, Measure>();
  const open = new Set<string>();
  let isCyclic = false;

  const ofFragment = (name: string): Measure => {
    const known = done.get(name);
    const fragment = fragments.get(name);
    if (known || !fragment) return known ?? NOTHING;
    if (open.has(name)) {
      isCyclic = true;
      return NOTHING;
    }
    open.add(name);
    const measure = ofSet(fragment.selectionSet, fragment.directives?.length ?? 0);
    open.delete(name);
    done.set(name, measure);
    return measure;
  };

  const ofSelection = (selection: SelectionNode): Measure => {
    if (selection.kind === Kind.FIELD) {
      return ofField(selection, selection.selectionSet ? ofSet(selection.selectionSet) : NOTHING);
    }
    const inner =
      selection.kind === Kind.FRAGMENT_SPREAD
        ? ofFragment(selection.name.value)
        : ofSet(selection.selectionSet);
    return { ...inner, directives: inner.directives + (selection.directives?.length ?? 0) };
  };

  const ofField = (field: FieldNode, below: Measure): Measure => {
    const name = field.name.value;
    const isIntrospection = name === '__schema' || name === '__type';
    const depth = 1 + Math.max(below.depth, isIntrospection ? below.introspectionDepth : 0);
    return {
      here: 1,
      costlyHere: costly.has(name) ? 1 : 0,
      aliases: below.aliases + (field.alias ? 1 : 0),
      directives: below.directives + (field.directives?.length ?? 0),
      fields: below.fields + 1,
      depth: isIntrospection ? 1 : depth,
      introspectionDepth: isIntrospection ? depth : below.introspectionDepth,
    };
  };

  const ofSet = (set: SelectionSetNode, directives = 0): Measure =>
    set.selections.map(ofSelection).reduce(add, { ...NOTHING, directives });

  const measure = ofSet(root);
  return isCyclic ? null : measure;
}

function add(a: Measure, b: Measure): Measure {
  return {
    here: a.here + b.here,
    costlyHere: a.costlyHere + b.costlyHere,
    aliases: a.aliases + b.aliases,
    directives: a.directives + b.directives,
    fields: a.fields + b.fields,
    depth: Math.max(a.depth, b.depth),
    introspectionDepth: Math.max(a.introspectionDepth, b.introspectionDepth),
  };
}

/** The schema's own marking (`costly`), by name. */
function costlyFields(
  fields: Readonly<Record<string, { readonly extensions: object; readonly name: string }>> = {},
): ReadonlySet<string> {
  const marked = Object.values(fields).filter(
    ({ extensions }) => 'costly' in extensions && extensions.costly === true,
  );
  return new Set(marked.map(({ name }) => name));
}

/** True if a value nests deeper than any input of this API does. Never recurses. */
function isTooDeep(value: unknown, limit: number = OPERATION_LIMITS.variableDepth): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limit) return true;
    level = level
      .filter((one): one is object => typeof one === 'object' && one !== null)
      .flatMap((one) => Object.values(one));
  }
  return false;
}
