import { GraphQLError, Kind } from 'graphql';

const PLACE = /^Variable "\$(\w+)" has invalid value(?: at ([.\w[\]]+))?: /;
const MISSING = /include required field "(\w+)"/;

/**
 * A variable that does not fit its type, told without what was sent: graphql-js quotes the whole
 * value, which may hold a password beside the field that is wrong (GQ-9). Names of the schema's
 * own fields stay, so that a client's author can find the place.
 *
 * @returns the same error when it is none of these
 */
export function withoutValue(error: GraphQLError): GraphQLError {
  if (error.nodes?.[0]?.kind !== Kind.VARIABLE_DEFINITION) return error;
  const [, variable, path = ''] = PLACE.exec(error.message) ?? [];
  const missing = MISSING.exec(error.message)?.[1];
  const place = variable ? `Variable "$${variable}"${path}` : 'A variable';
  const reason = missing ? `lacks the required field "${missing}".` : 'does not fit its type.';
  return new GraphQLError(`${place} ${reason}`, {
    nodes: error.nodes,
    extensions: { ...error.extensions, code: 'BAD_USER_INPUT' },
  });
}
