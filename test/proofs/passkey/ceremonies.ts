import type { Passkey } from '../../../src/db/tables/passkey.ts';
import { createKeyring } from '../../../src/kernel/keyring.ts';
import { createRandom } from '../../../src/kernel/random.ts';
import { verifyAttestation } from '../../../src/proofs/passkey/attestation.ts';
import { startCeremony } from '../../../src/proofs/passkey/ceremony.ts';
import { creationOptions } from '../../../src/proofs/passkey/options.ts';
import type {
  AttestationInput,
  Authenticator,
  CeremonyOverrides,
} from '../../support/authenticator.ts';
import { testConfig } from '../../support/server.ts';

export const ORIGIN = 'https://app.example';
const NOW = new Date('2026-11-30T12:00:00Z');
export const deps = {
  config: testConfig({ url: 'postgres://localhost/none' }, { APP_URL: ORIGIN }),
  clock: { now: () => NOW },
  random: createRandom(),
  keyring: createKeyring([Buffer.alloc(32, 1)], createRandom()),
};
export const userHandle = Buffer.alloc(64, 7);
export const user = { email: 'a@b.example', name: null };
const PERSON = '01930000-0000-7000-8000-000000000001';

/** Enrolls a new passkey of an authenticator, without a server. */
export async function enroll(
  authenticator: Authenticator,
  overrides: CeremonyOverrides = {},
  alter = (attestation: AttestationInput) => attestation,
): Promise<Passkey> {
  const ceremony = startCeremony(deps, { purpose: 'enrollment', boundTo: 'session' });
  const options = creationOptions(deps, ceremony, { user, userHandle, own: [] });
  const attestation = alter(authenticator.create(options, overrides));
  const attested = await verifyAttestation(deps, ceremony, attestation);
  return {
    ...attested,
    ...{ id: PERSON, userId: PERSON, name: 'Passkey', createdAt: NOW },
    ...{ lastUsedAt: null, counterAlarmAt: null, transports: [...attested.transports] },
  };
}
