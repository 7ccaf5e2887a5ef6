import type { Verifier } from '@latchkey/verify';
import { type AuthContext, requireAuth, useLatchkey } from '@latchkey/verify/yoga';
import { createSchema, createYoga } from 'graphql-yoga';

const typeDefs = /* GraphQL */ `
  "What anybody may ask."
  type Query {
    "The catalog, open to everybody."
    books: [Book!]!
    "The shelf of the person whose token came along; refused without one."
    myShelf: Shelf!
  }
  "A book of the catalog."
  type Book {
    "Its title."
    title: String!
  }
  "What one person reads."
  type Shelf {
    "Whose it is: the token’s sub."
    ownerId: ID!
    "Their books."
    books: [Book!]!
  }
`;

const BOOKS = [{ title: 'A Room of One’s Own' }, { title: 'The Left Hand of Darkness' }];

/** A small API beside Latchkey. It knows who the caller is, and nothing about how the caller signed in. */
export function createApi(verifier: Verifier) {
  return createYoga({
    plugins: [useLatchkey(verifier)],
    schema: createSchema<AuthContext>({
      typeDefs,
      resolvers: {
        Query: {
          books: () => BOOKS,
          myShelf: (_root, _args, context) => ({
            ownerId: requireAuth(context).userId,
            books: BOOKS.slice(0, 1),
          }),
        },
      },
    }),
  });
}
