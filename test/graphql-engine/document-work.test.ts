import {
  type DocumentNode,
  type GraphQLField,
  type GraphQLNamedType,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
  isUnionType,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { workOf } from '../../src/graphql-engine/document-work.ts';
import { createLimits, OPERATION_LIMITS } from '../../src/graphql-engine/operation-limits.ts';
import { publicSchema } from '../support/schema.ts';

const schema = publicSchema();
const tooLarge = createLimits(schema);

/**
 * The limit on the cost of validating a document, in reads of its nodes, which are the same on every
 * machine. A document of 1,000 tokens that repeats nothing takes some 100,000 reads; graphql-js makes
 * about 50 million reads a second.
 */
const MOST_READS = 250_000;

/** The number of reads of a document's nodes while graphql-js validates the document. */
function readsOf(document: DocumentNode): number {
  let reads = 0;
  const seen = new WeakMap<object, object>();
  const counted = <T extends object>(node: T): T => {
    const known = seen.get(node);
    if (known) return known as T;
    const proxy = new Proxy(node, {
      get(target, name) {
        reads += 1;
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'object' && value !== null ? counted(value) : value;
      },
    });
    seen.set(node, proxy);
    return proxy;
  };
  validate(schema, counted(document), specifiedRules, { hideSuggestions: true, maxErrors: 10 });
  return reads;
}

/** The document if it is within every limit. */
function accepted(text: string): DocumentNode | null {
  if (text.length > OPERATION_LIMITS.documentLength) return null;
  try {
    const document = parse(text, { maxTokens: OPERATION_LIMITS.tokens });
    return tooLarge(document).length === 0 ? document : null;
  } catch {
    return null;
  }
}

/** A composite field and its path from a root: `{ viewer { … } }` around the `…`. */
type Place = { readonly name: string; readonly around: (inner: string) => string } & Repeatable;

type Repeatable = {
  readonly type: string;
  /** The field with the smallest selection. */
  readonly field: string;
  readonly below: string;
};

/** Every composite field of every type that an operation can reach, once. */
function places(): readonly Place[] {
  const found = new Map<string, Place>();
  const walk = (type: GraphQLNamedType, depth: number, around: Place['around']): void => {
    if (depth > 4) return;
    if (isUnionType(type)) {
      for (const member of type.getTypes())
        walk(member, depth, (inner) => around(`... on ${member.name} { ${inner} }`));
      return;
    }
    if (!isObjectType(type) && !isInterfaceType(type)) return;
    for (const field of Object.values(type.getFields())) {
      const target = getNamedType(field.type);
      const name = `${type.name}.${field.name}`;
      if (!isCompositeType(target) || found.has(name)) continue;
      const call = `${field.name}${argumentsOf(field)}`;
      found.set(name, { name, around, type: type.name, field: call, below: '__typename' });
      walk(target, depth + 1, (inner) => around(`${call} { ${inner} }`));
    }
  };
  for (const [operation, root] of [
    ['query', schema.getQueryType()],
    ['mutation', schema.getMutationType()],
  ] as const)
    if (root) walk(root, 0, (inner) => `${operation} { ${inner} }`);
  return [...found.values()];
}

function argumentsOf({ args }: GraphQLField<unknown, unknown>): string {
  const given = args.filter((arg) => isRequiredArgument(arg) || arg.name === 'first');
  if (given.length === 0) return '';
  return `(${given.map(({ name }) => `${name}: ${name === 'first' ? 1 : '{}'}`).join(', ')})`;
}

const times = (count: number, text: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => text(n)).join(' ');

/** The ways to repeat one field. */
const WAYS: Readonly<Record<string, (place: Place, count: number) => string>> = {
  copies: ({ around, field, below }, n) => around(times(n, () => `${field}{${below}}`)),
  'copies behind one alias': ({ around, field, below }, n) =>
    around(times(n, () => `a:${field}{${below}}`)),
  'copies with comments': ({ around, field, below }, n) =>
    `${around(times(n, () => `${field}{${below}}#\n`))} #`,
  'copies in inline fragments': ({ around, field, below }, n) =>
    around(times(n, () => `...{${field}{${below}}}`)),
  'copies in typed inline fragments': ({ around, type, field, below }, n) =>
    around(times(n, () => `... on ${type}{${field}{${below}}}`)),
  'copies in named fragments': ({ around, type, field, below }, n) =>
    around(times(n, (i) => `...F${i}`)) +
    times(n, (i) => `fragment F${i} on ${type}{${field}{${below}}}`),
  'copies that spread fragments': ({ around, field, type }, n) =>
    around(times(n, (i) => `${field}{...F${i}}`)) +
    times(n, (i) => `fragment F${i} on ${type}{__typename}`),
  'copies in a fragment that is not used': ({ type, field, below }, n) =>
    `{__typename} fragment F on ${type}{${times(n, () => `${field}{${below}}`)}}`,
  'copies in as many operations': ({ around, field, below }, n) =>
    times(n, (i) => around(`${field}{${below}}`).replace(/^\w+/, `$& Q${i}`)),
  'copies of leaves below one': ({ around, field, below }, n) =>
    around(`${field}{${times(n, () => below)}}`),
  'copies of copies': ({ around, field, below }, n) =>
    around(
      times(
        Math.ceil(Math.sqrt(n)),
        () => `${field}{${times(Math.ceil(Math.sqrt(n)), () => below)}}`,
      ),
    ),
  'a chain of fragments': ({ around, type, field, below }, n) =>
    around('...F0') +
    times(
      n,
      (i) => `fragment F${i} on ${type}{${field}{${below}} ${i + 1 < n ? `...F${i + 1}` : ''}}`,
    ),
};

/** The longest accepted document of a kind. */
function longest(way: (count: number) => string): { count: number; document: DocumentNode } | null {
  let best: { count: number; document: DocumentNode } | null = null;
  let low = 1;
  let high = OPERATION_LIMITS.tokens;
  while (low <= high) {
    const count = (low + high) >> 1;
    const document = accepted(way(count));
    if (document) {
      best = { count, document };
      low = count + 1;
    } else high = count - 1;
  }
  return best;
}

describe('GQ-6a: no document within the limits is expensive to validate', () => {
  const all = places();

  test('the search knows every composite field that an operation reaches', () => {
    const names = all.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        ...['AuthSettings.oauthProviders', 'Viewer.sessions', 'Mutation.login', 'SignedIn.viewer'],
      ]),
    );
    expect(names.length).toBeGreaterThan(50);
  });

  test.each(Object.entries(WAYS))('%s', (name, way) => {
    let costliest = { reads: 0, what: 'none' };
    for (const place of all) {
      const found = longest((count) => way(place, count));
      if (!found) continue;
      const reads = readsOf(found.document);
      if (reads > costliest.reads) costliest = { reads, what: `${found.count} of ${place.name}` };
    }
    process.stdout.write(`GQ-6a: ${name}: ${costliest.reads} reads (${costliest.what})\n`);
    expect(costliest.reads).toBeGreaterThan(0);
    expect(costliest.reads, costliest.what).toBeLessThan(MOST_READS);
  });

  test('240 copies of one field are rejected, with and without comments', () => {
    for (const comment of ['', '# a', '# b']) {
      const text = `{ authSettings { ${'oauthProviders{id} '.repeat(240)} } } ${comment}`;
      expect(accepted(text)).toBeNull();
      expect(readsOf(parse(text))).toBeGreaterThan(MOST_READS);
    }
  });
});

describe('the estimate of the work', () => {
  const work = (text: string, limit = Number.POSITIVE_INFINITY) => workOf(parse(text), limit);

  test.each([
    ['a field that is not repeated', '{ a b c }', 3],
    ['two leaves', '{ a a }', 3],
    ['three leaves', '{ a a a }', 6],
    ['one fragment, spread twice', '{ ...F ...F } fragment F on T { a }', 45],
  ])('%s', (_, text, expected) => {
    expect(work(text)).toBe(expected);
  });

  test('an unused fragment counts as if it were spread', () => {
    const fields = 'a '.repeat(50);
    expect(work(`{ b } fragment F on T { ${fields} }`)).toBe(1 + work(`{ ${fields} }`));
  });

  test('counting stops at the limit, however often fragments double themselves', () => {
    const doubling = times(
      60,
      (n) => `fragment F${n} on T { a { ...F${n + 1} } b { ...F${n + 1} } }`,
    );
    expect(work(`{ ...F0 } ${doubling} fragment F60 on T { a }`, 1_000)).toBe(
      Number.POSITIVE_INFINITY,
    );
  });

  test('fragments that spread themselves are counted once', () => {
    const cycle = 'fragment A on T { a { ...B } } fragment B on T { a { ...A } }';
    expect(work(`{ ...A } ${cycle}`)).toBeLessThan(100);
    expect(work(`{ a } ${cycle}`)).toBeLessThan(100);
  });

  test('the documents of applications cost next to nothing', () => {
    const components = times(
      15,
      (n) => `fragment C${n} on Viewer { user { id email name } session { id createdAt } }`,
    );
    const page = `{ viewer { ${times(15, (n) => `...C${n}`)} } } ${components}`;
    expect(work(page)).toBeLessThan(OPERATION_LIMITS.work / 2);
  });
});
