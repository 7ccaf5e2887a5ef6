import { expect, test } from 'vitest';
import { BY_ID, BY_TIME, listPage, listRequest } from '../../src/admin/graphql/connection.ts';
import { InvalidInputError } from '../../src/kernel/errors.ts';

const ID = '01990000-0000-7000-8000-00000000000';
const LIST = { name: 'things', scope: { color: 'red', order: 'NEWEST' }, place: BY_ID };
const rows = Array.from({ length: 3 }, (_, index) => ({ id: `${ID}${index}` }));
const pageOf = (after?: string) =>
  listPage(rows, listRequest({ first: 2, after }, LIST), ({ id }) => id);
const cursor = pageOf().edges[1]?.cursor ?? '';

test('AD-7: a page never ends silently: one row more than requested says that more follow', () => {
  expect(pageOf().hasNextPage).toBe(true);
  expect(pageOf().edges.map(({ node }) => node)).toEqual(rows.slice(0, 2));
  const request = listRequest({ first: 3 }, LIST);
  expect(listPage(rows, request, ({ id }) => id).hasNextPage).toBe(false);
  expect(request.limit).toBe(4);
});

test('AD-7: a page whose search stopped early says that more may follow, and from where', () => {
  const request = listRequest({ first: 100 }, LIST);
  const page = listPage(rows.slice(0, 1), request, ({ id }) => id, `${ID}2`);
  expect(page.edges).toHaveLength(1);
  expect(page.hasNextPage).toBe(true);
  expect(listRequest({ after: page.endCursor }, LIST).after).toBe(`${ID}2`);
  const full = listRequest({ first: 2 }, LIST);
  expect(listPage(rows, full, ({ id }) => id, `${ID}9`).endCursor).toBe(cursor);
});

test('AD-7: a cursor leads to the place after its row', () => {
  expect(listRequest({ after: cursor }, LIST).after).toBe(`${ID}1`);
});

test.for([
  ['another list', { ...LIST, name: 'other things' }],
  ['another filter', { ...LIST, scope: { color: 'blue', order: 'NEWEST' } }],
  ['another order', { ...LIST, scope: { color: 'red', order: 'OLDEST' } }],
  ['no filter', { ...LIST, scope: {} }],
] as const)('AD-7: a cursor is refused for %s', ([, list]) => {
  expect(() => listRequest({ after: cursor }, list)).toThrow(InvalidInputError);
});

test.for([
  ['an id', `${ID}1`],
  ['nothing', ''],
  ['a cursor without its place', cursor.slice(0, 16)],
  ['a place that is no id', cursor.slice(0, 16) + Buffer.from("' or 1=1").toString('base64url')],
  ['a cursor and more', `${cursor}A`],
  ['a cursor with padding', `${cursor}==`],
  ['a cursor in another case', cursor.toUpperCase()],
])('AD-7: %s is not a cursor', ([, after]) => {
  expect(() => listRequest({ after }, LIST)).toThrow(InvalidInputError);
});

test.for([0, -1, 101, 2 ** 31 - 1])('AD-7: a page of %i is refused', (first) => {
  expect(() => listRequest({ first }, LIST)).toThrow(InvalidInputError);
});

const TIMED = { name: 'things', place: BY_TIME };

test('AD-7: a place in time is read as it was written', () => {
  const place = { at: new Date('2026-03-04T05:06:07.089Z'), id: `${ID}1` };
  const after = listRequest({}, TIMED).cursorOf(place);
  expect(listRequest({ after }, TIMED).after).toEqual(place);
});

test.for(['-1', '-99999999999999', '100000000000000', '1e3', '', '007'])(
  'AD-7: a place at %s milliseconds, which the database may not know, is no cursor',
  (time) => {
    const prefix = listRequest({}, TIMED)
      .cursorOf({ at: new Date(0), id: `${ID}1` })
      .slice(0, 16);
    const after = prefix + Buffer.from(`${time}.${ID}1`).toString('base64url');
    expect(() => listRequest({ after }, TIMED)).toThrow(InvalidInputError);
  },
);
