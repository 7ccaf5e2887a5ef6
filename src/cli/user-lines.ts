import { amount } from './affected.ts';
import { aligned } from './table.ts';

/** What the administrators' schema answers about a person, as far as lines for people need it. */
export type ShownUser = {
  readonly id: string;
  readonly email: string;
  readonly emailVerified: boolean;
  readonly name: string | null;
  readonly picture: string | null;
  readonly locale: string | null;
  readonly externalId: string | null;
  readonly roles: readonly { readonly name: string }[];
  readonly attributes: object;
  readonly preferences: object;
  readonly createdAt: Time;
  readonly lastSignInAt: Time | null;
  readonly disabledAt: Time | null;
  readonly disabledReason: string | null;
  readonly hasPassword: boolean;
  readonly mfa: {
    readonly totp: boolean;
    readonly email: boolean;
    readonly passkey: boolean;
    readonly backupCodesRemaining: number;
  };
  readonly passkeys: readonly {
    readonly id: string;
    readonly name: string;
    readonly createdAt: Time;
    readonly lastUsedAt: Time | null;
  }[];
  readonly identities: readonly {
    readonly id: string;
    readonly provider: string;
    readonly subject: string;
    readonly email: string | null;
    readonly linkedAt: Time;
  }[];
  readonly signInBlockers: readonly { readonly kind: string; readonly until: Time | null }[];
  readonly claimsPreview: object;
};

/** A session as the schema answers it. */
export type ShownSession = {
  readonly id: string;
  readonly createdAt: Time;
  readonly lastUsedAt: Time;
  readonly expiresAt: Time;
  readonly methods: readonly string[];
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
  readonly impersonatedBy: string | null;
};

/** An event as the schema answers it. */
export type ShownEvent = {
  readonly at: Time;
  readonly type: string;
  readonly actor: { readonly kind: string; readonly name: string | null } | null;
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
  readonly reason: string | null;
};

/** The scalar DateTime: a Date in this process, a text after JSON. */
type Time = Date | string;

/** A person, a line for each fact. */
export function describeUser(user: ShownUser): readonly string[] {
  const facts: readonly (readonly [string, string])[] = [
    ['id', user.id],
    ['email', `${user.email} (${user.emailVerified ? 'verified' : 'not verified'})`],
    ['name', user.name ?? NONE],
    ['external id', user.externalId ?? NONE],
    ['state', stateOf(user)],
    ['sign-in', blockersOf(user)],
    ['created', iso(user.createdAt)],
    ['last sign-in', user.lastSignInAt === null ? 'never' : iso(user.lastSignInAt)],
    ['password', user.hasPassword ? 'yes' : 'no'],
    ['second factors', factorsOf(user)],
    ...many('passkey', user.passkeys, ({ id, name, createdAt, lastUsedAt }) =>
      [
        id,
        name,
        `added ${iso(createdAt)}`,
        lastUsedAt ? `used ${iso(lastUsedAt)}` : 'never used',
      ].join('  '),
    ),
    ...many('identity', user.identities, ({ id, provider, subject, email, linkedAt }) =>
      [id, provider, subject, email ?? 'without an address', `linked ${iso(linkedAt)}`].join('  '),
    ),
    ['roles', user.roles.map(({ name }) => name).join(', ') || NONE],
    ['locale', user.locale ?? NONE],
    ['picture', user.picture ?? NONE],
    ['attributes', JSON.stringify(user.attributes)],
    ['preferences', JSON.stringify(user.preferences)],
    ['claims', JSON.stringify(user.claimsPreview)],
  ];
  return aligned(facts);
}

/** People, a line for each. */
export function describeUsers(users: readonly ShownUser[]): readonly string[] {
  return aligned(
    users.map((user) => [
      user.id,
      user.email,
      stateOf(user),
      `created ${iso(user.createdAt)}`,
      user.name ?? '',
    ]),
  );
}

/** Sessions, a line for each. */
export function describeSessions(sessions: readonly ShownSession[]): readonly string[] {
  return aligned(
    sessions.map((session) => [
      session.id,
      `since ${iso(session.createdAt)}`,
      `used ${iso(session.lastUsedAt)}`,
      `expires ${iso(session.expiresAt)}`,
      session.methods.join('+'),
      session.ipAddress ?? NONE,
      [
        ...(session.impersonatedBy ? [`impersonated by ${session.impersonatedBy},`] : []),
        session.userAgent ?? NONE,
      ].join(' '),
    ]),
  );
}

/** Events, a line for each. */
export function describeEvents(events: readonly ShownEvent[]): readonly string[] {
  return aligned(
    events.map(({ at, type, actor, ipAddress, userAgent, reason }) => [
      iso(at),
      type,
      actor === null ? NONE : [actor.kind, ...(actor.name === null ? [] : [actor.name])].join(' '),
      ipAddress ?? NONE,
      [...(reason === null ? [] : [`${reason};`]), userAgent ?? NONE].join(' '),
    ]),
  );
}

const NONE = '-';

function iso(time: Time): string {
  return new Date(time).toISOString();
}

function stateOf({ disabledAt, disabledReason, emailVerified }: ShownUser): string {
  if (disabledAt === null) return emailVerified ? 'active' : 'active, address not verified';
  return `disabled since ${iso(disabledAt)}${disabledReason === null ? '' : `: ${disabledReason}`}`;
}

function blockersOf({ signInBlockers }: ShownUser): string {
  if (signInBlockers.length === 0) return 'possible';
  const blockers = signInBlockers.map(({ kind, until }) =>
    until === null ? kind : `${kind} until ${iso(until)}`,
  );
  return `blocked: ${blockers.join(', ')}`;
}

function factorsOf({ mfa }: ShownUser): string {
  const factors = [
    ...(mfa.totp ? ['authenticator app'] : []),
    ...(mfa.email ? ['email'] : []),
    ...(mfa.passkey ? ['passkey'] : []),
  ];
  if (factors.length === 0) return NONE;
  return `${factors.join(', ')}; ${amount(mfa.backupCodesRemaining, 'backup code')} left`;
}

/** One line for each of several things, or one that says that there are none. */
function many<T>(
  label: string,
  things: readonly T[],
  describe: (thing: T) => string,
): readonly (readonly [string, string])[] {
  if (things.length === 0) return [[label, NONE]];
  return things.map((thing) => [label, describe(thing)]);
}
