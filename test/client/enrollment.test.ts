import { expect } from 'vitest';
import * as operations from '../../client/src/generated/operations.ts';
import { createFakeClock } from '../support/clock.ts';
import { testWithServer } from '../support/fixture.ts';
import { PASSWORD, signUp } from '../support/journeys.ts';
import { totpCode } from '../support/second-factor.ts';
import { createBrowser } from './browser.ts';

const clock = createFakeClock();

const test = testWithServer({ clock, env: { MFA_REQUIRED: 'true' } });

test('MF-7: if two-step verification is required, the generated operations sign in, set up a factor and continue', async ({
  server,
}) => {
  const { email } = await signUp(server);
  const tab = createBrowser(server).open();
  const signedIn = await tab.execute(operations.login, { input: { email, password: PASSWORD } });
  if (signedIn.__typename !== 'SignedIn') expect.fail(signedIn.__typename);
  expect(signedIn.viewer.mfa).toMatchObject({ enrollmentRequired: true });
  tab.signIn(signedIn);
  expect(await tab.execute(operations.viewer)).toMatchObject({ user: { email } });

  const enrollment = await tab.execute(operations.enableTotp);
  if (enrollment.__typename !== 'TotpEnrollment') expect.fail(enrollment.__typename);
  const code = totpCode(enrollment.secret, clock.now());
  const enabled = await tab.execute(operations.confirmTotp, { input: { code } });
  if (enabled.__typename !== 'MfaEnabled') expect.fail(enabled.__typename);
  expect(enabled.viewer.mfa).toMatchObject({ enrollmentRequired: false });
});
