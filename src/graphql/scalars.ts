import { GraphQLError } from 'graphql';
import { GraphQLDateTime, GraphQLJSONObject } from 'graphql-scalars';
import { builder } from './builder.ts';

/**
 * A text scalar with a meaning. The rule of the field checks its content and returns InvalidInputError. Only
 * another JSON type is rejected here, with a fixed message: a coercion error that quotes the value would echo a
 * secret that was sent to the wrong field (GQ-9).
 */
function textScalar(name: 'EmailAddress' | 'URL' | 'Locale', description: string): void {
  const parse = (value: unknown): string => {
    if (typeof value !== 'string') throw new GraphQLError(`${name} must be a string.`);
    return value;
  };
  builder.scalarType(name, { description, serialize: String, parseValue: parse });
}

textScalar(
  'EmailAddress',
  'An email address. Addresses are compared and returned in canonical form: NFKC, lower case.',
);
textScalar('URL', 'An absolute URL (RFC 3986), or a data URL where the field says so.');

textScalar('Locale', 'A BCP 47 language tag in canonical form, such as `en-US`.');

builder.addScalarType('JSONObject', GraphQLJSONObject, { description: 'A JSON object.' });

builder.addScalarType('DateTime', GraphQLDateTime, {
  description:
    'A point in time in UTC, in RFC 3339 format with milliseconds: `2026-01-31T12:00:00.000Z`.',
});
