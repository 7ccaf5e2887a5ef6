import type { Preparations } from '../stage.ts';
import { ACCOUNT } from './account.ts';
import { PASSKEYS } from './passkeys.ts';
import { SECOND_FACTOR } from './second-factor.ts';
import { SIGN_IN } from './sign-in.ts';
import { SOCIAL } from './social.ts';

/** How each mutation reaches its successful outcome. Proofs are read from the mailbox, as a person would. */
export const PREPARATIONS: Preparations = {
  ...SIGN_IN,
  ...ACCOUNT,
  ...SECOND_FACTOR,
  ...SOCIAL,
  ...PASSKEYS,
};
