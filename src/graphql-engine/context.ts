import { identifyCaller } from '../admin/caller.ts';
import type { AdminContext } from '../admin/context.ts';
import type { Caller } from '../administrator/caller.ts';
import type { Deps } from '../deps.ts';
import type { Authentication, TokenCookie } from '../graphql/context.ts';
import type { Client } from '../kernel/ports.ts';
import { authenticate } from '../session/authenticate.ts';
import { requireOwnSession } from '../session/impersonation.ts';
import { requireUnrestricted } from '../session/restriction.ts';
import { requireStepUp } from '../session/step-up.ts';
import type { Deadline } from './deadline.ts';

/** The outcome of a mutation: its field and the name of the union's member. */
export type FieldOutcome = { readonly field: string; readonly outcome: string };

/**
 * The context of one operation: the values that resolvers receive, and the observations that the HTTP layer
 * reads afterwards.
 */
export type OperationContext = AdminContext & {
  readonly deadline: Deadline;
  /** Filled in while the operation runs, for the request log and the metrics. */
  readonly observed: {
    operation: string | null;
    /** The schema's root field that was executed; `several` for more than one. */
    rootField: string | null;
    outcomes: FieldOutcome[];
    /** The owner of the bearer token's live session; null before it is read, and without one. */
    userId: string | null;
  };
  /** Makes the next read of the session, and of the caller, go to the database again. */
  forgetViewer(): void;
};

/**
 * Creates the context of one request. The bearer's session is read at most once, except for a
 * mutation that follows another one in the same operation: the first may have ended the session.
 */
export function createOperationContext(
  deps: Deps,
  request: {
    /** The Authorization header. */
    readonly authorization: string | null;
    readonly client: Client;
    readonly deadline: Deadline;
    readonly refreshCookie: TokenCookie;
    readonly deviceCookie: TokenCookie;
  },
): OperationContext {
  const { authorization, client, deadline, refreshCookie, deviceCookie } = request;
  const observed: OperationContext['observed'] = {
    operation: null,
    rootField: null,
    outcomes: [],
    userId: null,
  };
  const readSession = async () => {
    const viewer = await authenticate(deps, authorization);
    observed.userId = viewer?.user.id ?? observed.userId;
    return viewer;
  };
  let read: Promise<Authentication | null> | undefined;
  const authentication = () => {
    read ??= readSession();
    return read;
  };
  let identified: Promise<Caller | null> | undefined;
  return {
    deps,
    client,
    deadline,
    observed,
    refreshCookie,
    deviceCookie,
    authentication,
    caller: () => {
      identified ??= identifyCaller(deps, authorization, authentication);
      return identified;
    },
    forgetViewer: () => {
      read = undefined;
      identified = undefined;
    },
    isSignedIn: async () => {
      const viewer = await authentication();
      if (!viewer) return false;
      requireUnrestricted(deps.config, viewer.session);
      return true;
    },
    isOwner: async () => {
      const viewer = await authentication();
      if (!viewer) return false;
      requireOwnSession(viewer.session);
      return true;
    },
    hasSteppedUp: async () => {
      const viewer = await authentication();
      if (!viewer) return false;
      await requireStepUp(deps, viewer);
      return true;
    },
  };
}
