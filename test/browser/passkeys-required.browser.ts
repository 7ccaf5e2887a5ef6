import { test } from 'vitest';
import { arriveAt, fill, follow, givePassword, press } from './support/acts.ts';
import { signUpElsewhere } from './support/people.ts';
import { useSite } from './support/site.ts';
import { connectAuthenticator } from './support/virtual-authenticator.ts';

const site = useSite({ env: async () => ({ MFA_REQUIRED: 'true' }) });

test('MF-7: where two-step verification is required, a passkey can be the method that is set up', async () => {
  const account = await signUpElsewhere(site.server);
  const page = await site.visit();
  await connectAuthenticator(page);
  await givePassword(page, account);
  await arriveAt(page, 'Two-step verification');
  await follow(page, 'Add a passkey');
  await arriveAt(page, 'Passkeys');
  await press(page, 'Add a passkey');
  await fill(page, 'Name (optional)', 'Work laptop');
  await press(page, 'Create passkey');
  await arriveAt(page, 'Your backup codes');
  await press(page, 'I have saved them');
  await page.getByRole('button', { name: 'Turn off passkey step' }).waitFor();
  await page.goto('/account/devices');
  await arriveAt(page, 'Your devices');
});
