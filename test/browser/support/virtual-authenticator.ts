import type { CDPSession, Page } from 'playwright-core';

/** As Chromium's tools describe a passkey. */
type Credential = Awaited<ReturnType<typeof credentialsOf>>[number];

/** A device with passkeys, inside of Chromium. It answers by itself unless `setPresent(false)` stops it. */
export type VirtualAuthenticator = {
  /** The ids of its passkeys, in base64url. */
  passkeys(): Promise<readonly string[]>;
  /** From now on the person can or cannot prove who they are to the device: a fingerprint, a PIN. */
  setUserVerified(isVerified: boolean): Promise<void>;
  /** Whether it answers by itself. If not, a ceremony waits, as a dialog does that nobody answers. */
  setPresent(isPresent: boolean): Promise<void>;
  /** A copy of one of its passkeys, private key included. */
  copy(id: string): Promise<Credential>;
  /** Takes a passkey away from it. */
  take(id: string): Promise<Credential>;
  /** Gives it one back. */
  give(credential: Credential): Promise<void>;
};

/**
 * Connects a device to a page.
 *
 * @param options.hasUserVerification false for a security key without a PIN
 */
export async function connectAuthenticator(
  page: Page,
  { hasUserVerification = true }: { readonly hasUserVerification?: boolean } = {},
): Promise<VirtualAuthenticator> {
  const tools: CDPSession = await page.context().newCDPSession(page);
  await tools.send('WebAuthn.enable');
  const { authenticatorId } = await tools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification,
      isUserVerified: hasUserVerification,
      automaticPresenceSimulation: true,
    },
  });
  const credentials = () => credentialsOf(tools, authenticatorId);
  const copy = async (id: string) => {
    const found = (await credentials()).find((one) => idOf(one) === id);
    if (!found) throw new Error(`The device has no passkey ${id}.`);
    return found;
  };
  return {
    passkeys: async () => (await credentials()).map(idOf),
    setUserVerified: async (isUserVerified) => {
      await tools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
    },
    setPresent: async (enabled) => {
      await tools.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
    },
    copy,
    take: async (id) => {
      const found = await copy(id);
      const { credentialId } = found;
      await tools.send('WebAuthn.removeCredential', { authenticatorId, credentialId });
      return found;
    },
    give: async (credential) => {
      await tools.send('WebAuthn.addCredential', { authenticatorId, credential });
    },
  };
}

function idOf({ credentialId }: Credential): string {
  return Buffer.from(credentialId, 'base64').toString('base64url');
}

async function credentialsOf(tools: CDPSession, authenticatorId: string) {
  return (await tools.send('WebAuthn.getCredentials', { authenticatorId })).credentials;
}
