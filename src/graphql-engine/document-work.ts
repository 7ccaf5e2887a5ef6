import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** Everything that is selected at one response path, such as `viewer.user`. */
type Level = {
  fields: number;
  readonly byName: Map<string, Repeated>;
  /** The named fragments spread there. However often one is spread, it is compared once. */
  readonly fragments: Set<string>;
};

/** The fields that share one response name on one level. */
type Repeated = { count: number; readonly below: Level };

/** The cost of comparing two fields that have arguments or fields of their own; two leaves cost 1. */
const FIELD_COMPARISON = 20;

/** The cost of comparing two named fragments, however short they are. */
const FRAGMENT_COMPARISON = 40;

/**
 * Estimates the cost of validating a document, in comparisons of two leaf fields (GQ-6a).
 *
 * GraphQL's rule "field selection merging" compares every two fields that share a response name, and
 * everything below them: 240 copies of one field are 28,680 pairs, in a document of 4 kB. The
 * estimate counts those pairs after expanding fragments. A fragment that no operation spreads is
 * counted on its own, since it is validated, too.
 *
 * @returns the estimate, or `Infinity` once it exceeds `limit`: counting itself takes no more steps
 */
export function workOf(document: DocumentNode, limit: number): number {
  const operations: OperationDefinitionNode[] = [];
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition);
    if (definition.kind === Kind.FRAGMENT_DEFINITION)
      fragments.set(definition.name.value, definition);
  }
  const spread = new Set<string>();
  const open = new Set<string>();
  let work = 0;

  // Each of these returns false once the limit is exceeded, and its caller stops.
  const countSet = (set: SelectionSetNode, level: Level): boolean => {
    work += level.fields + level.fragments.size * set.selections.length;
    return set.selections.every((selection) => {
      work += 1;
      if (work > limit) return false;
      if (selection.kind === Kind.FIELD) return countField(selection, level);
      if (selection.kind === Kind.INLINE_FRAGMENT) return countSet(selection.selectionSet, level);
      return countSpread(selection.name.value, level);
    });
  };

  const countField = (field: FieldNode, level: Level): boolean => {
    const name = field.alias?.value ?? field.name.value;
    const repeated = level.byName.get(name) ?? { count: 0, below: createLevel() };
    level.byName.set(name, repeated);
    level.fields += 1;
    const values = field.arguments?.length ?? 0;
    const isLeaf = values === 0 && field.selectionSet === undefined;
    work += repeated.count * (isLeaf ? 1 : FIELD_COMPARISON + values);
    repeated.count += 1;
    return field.selectionSet === undefined || countSet(field.selectionSet, repeated.below);
  };

  const countSpread = (name: string, level: Level): boolean => {
    work += level.fields + level.fragments.size * FRAGMENT_COMPARISON;
    const fragment = fragments.get(name);
    // GraphQL's own rule rejects a fragment that spreads itself, and looks no further either.
    if (!fragment || level.fragments.has(name) || open.has(name)) return true;
    level.fragments.add(name);
    spread.add(name);
    open.add(name);
    const isWithin = countSet(fragment.selectionSet, level);
    open.delete(name);
    return isWithin;
  };

  const countDefinition = ({ selectionSet }: OperationDefinitionNode | FragmentDefinitionNode) =>
    countSet(selectionSet, createLevel());
  const isWithin =
    operations.every(countDefinition) &&
    [...fragments.values()].every(
      (fragment) => spread.has(fragment.name.value) || countDefinition(fragment),
    );
  return isWithin && work <= limit ? work : Number.POSITIVE_INFINITY;
}

function createLevel(): Level {
  return { fields: 0, byName: new Map(), fragments: new Set() };
}
