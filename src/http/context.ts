import type { ExecutionResult } from 'graphql';
import type { Deps } from '../deps.ts';
import type { Authentication, RequestContext } from '../graphql/context.ts';
import type { Deadline } from '../graphql-engine/deadline.ts';
import type { FieldOutcome } from '../graphql-engine/observe-outcomes.ts';
import type { Client } from '../kernel/ports.ts';
import { authenticate } from '../session/authenticate.ts';
import { requireUnrestricted } from '../session/restriction.ts';
import { requireStepUp } from '../session/step-up.ts';
import type { HeaderReader } from './exchange.ts';
import type { TokenCookies } from './token-cookies.ts';

/** What one operation is run with: what resolvers are given, and what the HTTP layer wants back. */
export type OperationContext = RequestContext & {
  readonly deadline: Deadline;
  /** Filled in as the operation runs, for the request log. */
  readonly observed: {
    operation: string | null;
    /** The schema's root field that was executed, `several` for more than one. */
    rootField: string | null;
    outcomes: FieldOutcome[];
    /** Whose live session the bearer's token was; null before it is asked for, and without one. */
    userId: string | null;
  };
  /** Makes the next question for the viewer read the session again. */
  forgetViewer(): void;
  /** The operation's one run (runOperation). */
  readonly execution: { result: Promise<ExecutionResult> | null };
};

/**
 * The context of one request. The bearer's session is read at most once, but for a mutation that
 * follows another one in the same operation: the first may have ended the session.
 */
export function createOperationContext(
  deps: Deps,
  request: {
    readonly headers: HeaderReader;
    readonly client: Client;
    readonly deadline: Deadline;
    readonly cookies: TokenCookies;
  },
): OperationContext {
  const { headers, client, deadline, cookies } = request;
  const observed: OperationContext['observed'] = {
    operation: null,
    rootField: null,
    outcomes: [],
    userId: null,
  };
  const readSession = async () => {
    const viewer = await authenticate(deps, headers.get('authorization'));
    observed.userId = viewer?.user.id ?? observed.userId;
    return viewer;
  };
  let read: Promise<Authentication | null> | undefined;
  const authentication = () => {
    read ??= readSession();
    return read;
  };
  return {
    deps,
    client,
    deadline,
    observed,
    execution: { result: null },
    refreshCookie: cookies.refresh,
    deviceCookie: cookies.device,
    authentication,
    forgetViewer: () => {
      read = undefined;
    },
    isAdmitted: async () => {
      const viewer = await authentication();
      if (!viewer) return false;
      requireUnrestricted(deps.config, viewer.session);
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
