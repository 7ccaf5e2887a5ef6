import { describe, expect, test } from 'vitest';
import { createKeyring } from '../../../src/kernel/keyring.ts';
import { createRandom } from '../../../src/kernel/random.ts';
import {
  type CeremonyPurpose,
  openCeremony,
  startCeremony,
} from '../../../src/proofs/passkey/ceremony.ts';
import { deps } from './ceremonies.ts';

const PURPOSES: readonly CeremonyPurpose[] = [
  'sign-in',
  'second-factor',
  'reauthentication',
  'enrollment',
];

const reasonOf = (work: () => unknown): string => {
  try {
    work();
    return 'opened';
  } catch (error) {
    return (error as { reason?: string }).reason ?? String(error);
  }
};

describe('PK-1a: the token of a ceremony', () => {
  test.each(PURPOSES.flatMap((started) => PURPOSES.map((wanted) => [started, wanted] as const)))(
    'of %s, presented for %s',
    (started, wanted) => {
      const { ceremonyToken } = startCeremony(deps, { purpose: started, boundTo: 'the same' });
      const open = () =>
        openCeremony(deps, ceremonyToken, { purpose: wanted, boundTo: 'the same' });
      expect(reasonOf(open)).toBe(started === wanted ? 'opened' : 'other-purpose');
    },
  );

  test.each([
    ['a session', null],
    [null, 'a session'],
    ['a session', 'another session'],
  ])('bound to %s, presented for %s', (started, wanted) => {
    const { ceremonyToken } = startCeremony(deps, { purpose: 'second-factor', boundTo: started });
    const open = () =>
      openCeremony(deps, ceremonyToken, { purpose: 'second-factor', boundTo: wanted });
    expect(reasonOf(open)).toBe('other-binding');
  });

  test('openCeremony refuses a token of another server, altered or respelled', () => {
    const wanted = { purpose: 'sign-in', boundTo: null } as const;
    const { ceremonyToken } = startCeremony(deps, wanted);
    const foreign = { ...deps, keyring: createKeyring([Buffer.alloc(32, 2)], createRandom()) };
    expect(reasonOf(() => openCeremony(foreign, ceremonyToken, wanted))).toBe('unknown-ceremony');
    const last = ceremonyToken.at(-1) === 'A' ? 'B' : 'A';
    for (const other of [
      `${ceremonyToken.slice(0, -1)}${last}`,
      `${ceremonyToken}=`,
      ceremonyToken.slice(4),
      ceremonyToken.replace('lkw_', 'lkr_'),
      'lkw_',
      '',
    ]) {
      expect(
        reasonOf(() => openCeremony(deps, other, wanted)),
        other,
      ).toBe('unknown-ceremony');
    }
  });

  test('has a fresh challenge of 32 bytes each time, and ends within ten minutes', () => {
    const started = Array.from({ length: 100 }, () =>
      startCeremony(deps, { purpose: 'sign-in', boundTo: null }),
    );
    expect(new Set(started.map(({ challenge }) => challenge)).size).toBe(100);
    for (const { challenge, expiresAt } of started) {
      expect(Buffer.from(challenge, 'base64url')).toHaveLength(32);
      expect(expiresAt.getTime() - deps.clock.now().getTime()).toBe(600_000);
    }
    const soon = new Date(deps.clock.now().getTime() + 1_000);
    const about = { purpose: 'second-factor', boundTo: 'challenge', expiresAt: soon } as const;
    expect(startCeremony(deps, about).expiresAt).toEqual(soon);
  });
});
