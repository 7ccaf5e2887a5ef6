import type { Client } from './ports.ts';

/** Somebody who acts on an account that is not their own: with a command, or with the administrators' API. */
export type Actor =
  | { readonly kind: 'operator'; readonly name: string }
  | { readonly kind: 'administrator'; readonly id: string }
  | { readonly kind: 'token'; readonly id: string; readonly name: string };

/** The act of an {@link Actor}, for the audit log (AD-6). */
export type Act = {
  readonly actor: Actor;
  /** Why, in the actor's own words. */
  readonly reason?: string;
  /** The origin of the request; null for a command. */
  readonly client: Client | null;
};
