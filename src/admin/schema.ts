import {
  DirectiveLocation,
  GraphQLDirective,
  GraphQLNonNull,
  GraphQLSchema,
  isEnumType,
  specifiedDirectives,
} from 'graphql';
import './accounts/access-graphql.ts';
import './accounts/credentials-graphql.ts';
import './accounts/graphql.ts';
import './attention/graphql.ts';
import './caller-graphql.ts';
import './events/graphql.ts';
import { builder } from './graphql/builder.ts';
import './graphql/scalars.ts';
import './impersonation/graphql.ts';
import './invitations/graphql.ts';
import './registrations/graphql.ts';
import './roles/graphql.ts';
import './settings/graphql.ts';
import './statistics/graphql.ts';
import './tokens/graphql.ts';
import './users/create-graphql.ts';
import './users/list-graphql.ts';
import './users/session-graphql.ts';
import './users/ways-in-graphql.ts';

/** Root fields without a permission (AD-2). */
export const FIELDS_OF_ANY_CALLER: readonly string[] = ['Query.caller'];

/**
 * The executable schema of the administrators' API. Needs no environment and opens nothing.
 *
 * @param options.sorted by name, to be printed and compared
 */
export function createAdminSchema({ sorted = true } = {}): GraphQLSchema {
  const config = builder.toSchema({ sortSchema: sorted }).toConfig();
  const permission = config.types.find(({ name }) => name === 'AdminPermission');
  if (!isEnumType(permission)) throw new TypeError('The schema has no AdminPermission.');
  const requiresPermission = new GraphQLDirective({
    name: 'requiresPermission',
    description:
      'The caller must have the permission: the admin token, or a role of the person. A person must also have proven a second factor within the session, at most 12 hours ago to read and at most STEP_UP_MAX_AGE ago to write.',
    locations: [DirectiveLocation.FIELD_DEFINITION],
    args: {
      permission: { type: new GraphQLNonNull(permission), description: 'The permission.' },
    },
  });
  return new GraphQLSchema({
    ...config,
    directives: [...specifiedDirectives, requiresPermission],
  });
}
