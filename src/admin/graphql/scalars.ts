import { GraphQLError } from 'graphql';
import { GraphQLDateTime, GraphQLJSONObject } from 'graphql-scalars';
import { builder } from './builder.ts';

builder.scalarType('EmailAddress', {
  description:
    'An email address. Addresses are compared and returned in canonical form: NFKC, lower case.',
  serialize: String,
  // A coercion error that quotes the value would echo it (GQ-9).
  parseValue: (value: unknown): string => {
    if (typeof value !== 'string') throw new GraphQLError('EmailAddress must be a string.');
    return value;
  },
});

builder.addScalarType('DateTime', GraphQLDateTime, {
  description:
    'A point in time in UTC, in RFC 3339 format with milliseconds: `2026-01-31T12:00:00.000Z`.',
});

builder.addScalarType('JSONObject', GraphQLJSONObject, { description: 'A JSON object.' });
