import type { User } from '../../db/tables/user.ts';
import { idRule } from '../../graphql/inputs.ts';
import type { Outcome } from '../../graphql/result.ts';
import type { AdminPermission } from '../../role/permissions.ts';
import { type AdminContext, adminRequest } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { reasonRule } from '../inputs.ts';
import { AdminUserType } from '../users/graphql.ts';
import type { AccountRequest } from './subject.ts';

/** The person whom an act concerns. */
export const USER_ID = {
  required: true,
  description: 'The person’s id.',
  validate: { schema: idRule },
} as const;

/** Why the caller acts. */
export const REASON = {
  required: true,
  description:
    'Why, in one line of at most 500 characters. It is kept in the audit log, also after the account was deleted. Refer to a ticket, and do not name a person.',
  validate: { schema: reasonRule },
} as const;

/** An input that names a person and the reason, and nothing else. */
export function reasonedInput(name: string, description: string) {
  return builder.inputType(name, {
    description,
    fields: (t) => ({ userId: t.id(USER_ID), reason: t.string(REASON) }),
  });
}

/** The outcome of an act after which the person still exists. */
export function outcomeWithUser<Kind extends string>(kind: Kind, description: string) {
  return builder.objectRef<Outcome<Kind> & { readonly user: User }>(kind).implement({
    description,
    fields: (t) => ({
      user: t.field({
        type: AdminUserType,
        description: 'The person after the act.',
        resolve: ({ user }) => user,
      }),
    }),
  });
}

/** The request of an act on a person. */
export async function accountRequest(
  context: AdminContext,
  permission: AdminPermission,
  { userId, reason }: { readonly userId: string; readonly reason?: string },
): Promise<AccountRequest> {
  return { ...(await adminRequest(context, permission, reason)), userId };
}
