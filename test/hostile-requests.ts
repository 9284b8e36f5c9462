/** A request that is to be refused: what it holds, its body, and the codes it may be refused with. */
export interface HostileRequest {
  readonly what: string;
  readonly body: string;
  readonly codes: readonly string[];
}

/** Numbers from 0 up to 1 that look random, the same for the same seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Between = (least: number, most: number) => number;

/** The same requests for the same seed, one of each kind in turn, each of a size of its own. */
export function hostileRequests(seed: number, count: number): HostileRequest[] {
  const random = randomNumbers(seed);
  const between: Between = (least, most) => least + Math.floor(random() * (most - least + 1));
  const kinds = Object.entries(KINDS);
  return Array.from({ length: count }, (_, index) => {
    const [what, make] = kinds[index % kinds.length] ?? ['', KINDS['a deep query']];
    const { document, variables = {}, body, codes }: Made = make(between);
    return { what, body: body ?? JSON.stringify({ query: document, variables }), codes };
  });
}

interface Made {
  readonly document?: string;
  readonly variables?: object;
  readonly body?: string;
  readonly codes: readonly string[];
}

const COMPLEX = 'REQUEST_TOO_COMPLEX';
const PARSE = 'GRAPHQL_PARSE_FAILED';
const INVALID = 'GRAPHQL_VALIDATION_FAILED';

const many = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');
const nested = (levels: number, open: string, inner: string) =>
  open.repeat(levels) + inner + '}'.repeat(levels);

const KINDS = {
  'a deep query': (between: Between) => ({
    document: `{ connector { user(id: "x") { ${nested(between(30, 90), 'manager { ', 'id')} } } }`,
    codes: [COMPLEX],
  }),
  'a query deeper than the parser bears': (between: Between) => ({
    document: nested(between(101, 40_000), '{a', 'a'),
    codes: [PARSE],
  }),
  'a wide query': (between: Between) => ({
    document: `{ connector { ${many(between(200, 4_000), () => 'name')} } }`,
    codes: [COMPLEX],
  }),
  'a query wider than is read': (between: Between) => ({
    document: `{ ${many(between(5_001, 30_000), (index) => `f${index}`)} }`,
    codes: [PARSE],
  }),
  'fields that do not exist': (between: Between) => ({
    document: `{ connector { ${many(between(500, 4_000), (index) => `nam${index}`)} } }`,
    codes: [INVALID],
  }),
  'many aliases': (between: Between) => ({
    document: `{ connector { ${many(between(201, 1_600), (index) => `a${index}: name`)} } }`,
    codes: [COMPLEX],
  }),
  'many root fields': (between: Between) => ({
    document: `{ ${many(between(51, 4_900), () => '__typename')} }`,
    codes: [COMPLEX],
  }),
  'many directives': (between: Between) => ({
    document: `{ connector { name ${many(between(101, 700), () => '@skip(if: false)')} } }`,
    codes: [COMPLEX],
  }),
  'unknown directives on every field': (between: Between) => ({
    document: `{ connector { ${many(between(101, 1_200), (index) => `name @d${index}`)} } }`,
    codes: [COMPLEX],
  }),
  'a circle of fragments': (between: Between) => {
    const length = between(1, 200);
    const circle = many(length, (index) => `fragment F${index} on User { ...F${(index + 1) % length} id }`);
    return { document: `{ connector { user(id: "x") { ...F0 } } } ${circle}`, codes: [INVALID, COMPLEX] };
  },
  'a circle of fragments through fields': (between: Between) => {
    const length = between(1, 120);
    const circle = many(
      length,
      (index) =>
        `fragment F${index} on User { manager { ...F${(index + 1) % length} } a: manager { ...F0 } }`,
    );
    return { document: `{ connector { user(id: "x") { ...F0 } } } ${circle}`, codes: [INVALID, COMPLEX] };
  },
  'fragments that double': (between: Between) => {
    const levels = between(13, 150);
    const chain = many(
      levels,
      (index) =>
        `fragment F${index} on User { manager { ...F${index + 1} } b: manager { ...F${index + 1} } }`,
    );
    return {
      document: `{ connector { user(id: "x") { ...F0 } } } ${chain} fragment F${levels} on User { id }`,
      codes: [COMPLEX],
    };
  },
  'fragments that double without a field between': (between: Between) => {
    const levels = between(13, 90);
    const chain = many(levels, (index) =>
      ['F', 'G']
        .map((name) => `fragment ${name}${index} on User { ...F${index + 1} ...G${index + 1} }`)
        .join(' '),
    );
    const end = `fragment F${levels} on User { id } fragment G${levels} on User { id }`;
    return { document: `{ connector { user(id: "x") { ...F0 } } } ${chain} ${end}`, codes: [COMPLEX] };
  },
  'many fragments': (between: Between) => {
    const count = between(201, 500);
    const fragments = many(count, (index) => `fragment F${index} on Query { __typename }`);
    return { document: `{ ${many(count, (index) => `...F${index}`)} } ${fragments}`, codes: [COMPLEX] };
  },
  'a huge string': (between: Between) => ({
    document: `{ connector(name: "${'x'.repeat(between(262_200, 500_000))}") { id } }`,
    codes: [COMPLEX],
  }),
  'a huge name': (between: Between) => ({
    document: `{ ${'x'.repeat(between(262_200, 500_000))} }`,
    codes: [COMPLEX],
  }),
  'a huge number': (between: Between) => ({
    document: `{ connector { users(first: ${'9'.repeat(between(10_000, 250_000))}) { nodes { id } } } }`,
    codes: ['GRAPHQL_PARSE_FAILED'],
  }),
  'a huge comment': (between: Between) => ({
    document: `{ connector { name } } ${'#\n'.repeat(between(131_200, 200_000))}`,
    codes: [COMPLEX],
  }),
  'a huge list': (between: Between) => ({
    document: `{ nodes(ids: [${many(between(5_000, 60_000), () => '""')}]) { id } }`,
    codes: [PARSE],
  }),
  'a huge list in a variable': (between: Between) => ({
    document: 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }',
    variables: { ids: Array.from({ length: between(1_001, 150_000) }, () => '') },
    codes: [COMPLEX, 'INVALID_INPUT'],
  }),
  'a deep variable': (between: Between) => {
    const levels = between(40, 100_000);
    const deep = '['.repeat(levels) + ']'.repeat(levels);
    return {
      body: `{"query":"query ($a: ID) { node(id: $a) { id } }","variables":{"a":${deep}}}`,
      codes: [COMPLEX],
    };
  },
  'a list of requests': (between: Between) => ({
    body: JSON.stringify(Array.from({ length: between(0, 3_000) }, () => ({ query: '{ __typename }' }))),
    codes: ['BATCH_REFUSED'],
  }),
  'many operations': (between: Between) => ({
    document: many(between(21, 600), (index) => `query Q${index} { __typename }`),
    codes: [COMPLEX],
  }),
  'many variables': (between: Between) => {
    const count = between(201, 800);
    return {
      document: `query (${many(count, (index) => `$v${index}: Int`)}) { __typename }`,
      variables: Object.fromEntries(Array.from({ length: count }, (_, index) => [`v${index}`, index])),
      codes: [COMPLEX],
    };
  },
  'overlapping fields with differing arguments': (between: Between) => ({
    document: `{ connector { ${many(between(200, 380), (index) => `users(first: ${index}) { nodes { id } }`)} } }`,
    codes: [COMPLEX],
  }),
  'a few overlapping fields with differing arguments': (between: Between) => ({
    document: `{ connector { ${many(between(2, 80), (index) => `users(first: ${index}) { nodes { id } }`)} } }`,
    codes: [INVALID],
  }),
  'overlapping fields deep down': (between: Between) => {
    const users = '{ connector { users { nodes { manager { manager { id } } } } } }'.slice(2, -2);
    return { document: `{ ${many(between(51, 250), () => users)} }`, codes: [COMPLEX] };
  },
  'a body that is too large': (between: Between) => ({
    body: JSON.stringify({ query: ' '.repeat(between(1_048_600, 1_200_000)) }),
    codes: ['BODY_TOO_LARGE'],
  }),
} satisfies Record<string, (between: Between) => Made>;
