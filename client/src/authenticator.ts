import type {
  PasskeyAssertionInput,
  PasskeyAttestationInput,
  PasskeySignals,
} from './generated/operations.ts';

/** The options of a ceremony in their JSON form, as the server returns them. */
export type PasskeyOptions = Readonly<Record<string, unknown>>;

/** A new passkey in the JSON form of WebAuthn (`RegistrationResponseJSON`), as far as it is used. */
export type AttestationJson = {
  readonly id: string;
  readonly response: Omit<PasskeyAttestationInput, 'id'>;
};

/** A passkey's answer in the JSON form of WebAuthn (`AuthenticationResponseJSON`), as far as it is used. */
export type AssertionJson = {
  readonly id: string;
  readonly response: Omit<PasskeyAssertionInput, 'id'>;
};

/**
 * Whatever creates passkeys and answers with them: the browser, or a library of the platform. Both functions take
 * and return WebAuthn's JSON forms. They reject with an error whose `name` is `NotAllowedError` if the person canceled,
 * and `InvalidStateError` if the device already has a passkey of this account. The signal may be ignored.
 */
export type Authenticator = {
  isSupported(): boolean;
  /** True if passkeys can be offered among a field's suggestions. Omitted where there is no such thing. */
  isAutofillSupported?(): Promise<boolean>;
  create(options: PasskeyOptions, how: { readonly signal: AbortSignal }): Promise<AttestationJson>;
  get(
    options: PasskeyOptions,
    how: { readonly signal: AbortSignal; readonly autofill: boolean },
  ): Promise<AssertionJson>;
  /** Reports to the device which passkeys of an account exist, and the names to show. */
  reportAccepted?(signals: PasskeySignals): Promise<void>;
  /** Reports to the device that the server does not have this passkey. */
  forget?(rpId: string, credentialId: string): Promise<void>;
};

/** The browser's own passkeys. */
export const browserAuthenticator: Authenticator = {
  isSupported: () => typeof PublicKeyCredential === 'function' && 'credentials' in navigator,
  isAutofillSupported: async () =>
    (await PublicKeyCredential.isConditionalMediationAvailable?.()) ?? false,
  // No `await` before the browser is asked: Safari requires that the click is still being handled.
  create: async (options, { signal }) => {
    const publicKey = toCreationOptions(options);
    const created = await navigator.credentials.create({ publicKey, signal });
    const { id, response } = created as PublicKeyCredential;
    const { clientDataJSON, attestationObject, getTransports } =
      response as AuthenticatorAttestationResponse;
    return {
      id,
      response: {
        clientDataJSON: toBase64Url(clientDataJSON),
        attestationObject: toBase64Url(attestationObject),
        // Password managers that answer in place of the browser may lack the function.
        transports: getTransports?.call(response) ?? [],
      },
    };
  },
  get: async (options, { signal, autofill }) => {
    const publicKey = toRequestOptions(options);
    const found = await navigator.credentials.get({
      publicKey,
      signal,
      ...(autofill && { mediation: 'conditional' as const }),
    });
    const { id, response } = found as PublicKeyCredential;
    const { clientDataJSON, authenticatorData, signature, userHandle } =
      response as AuthenticatorAssertionResponse;
    return {
      id,
      response: {
        clientDataJSON: toBase64Url(clientDataJSON),
        authenticatorData: toBase64Url(authenticatorData),
        signature: toBase64Url(signature),
        userHandle: userHandle ? toBase64Url(userHandle) : null,
      },
    };
  },
  reportAccepted: async ({ rpId, userHandle: userId, credentialIds, name, displayName }) => {
    const { signalAllAcceptedCredentials, signalCurrentUserDetails } = signalsOfBrowser();
    const allAcceptedCredentialIds = [...credentialIds];
    await signalAllAcceptedCredentials?.({ rpId, userId, allAcceptedCredentialIds });
    await signalCurrentUserDetails?.({ rpId, userId, name, displayName });
  },
  forget: async (rpId, credentialId) =>
    signalsOfBrowser().signalUnknownCredential?.({ rpId, credentialId }),
};

/** WebAuthn's Signal API, which not every browser has. */
type Signals = {
  signalAllAcceptedCredentials?(accepted: object): Promise<void>;
  signalCurrentUserDetails?(details: object): Promise<void>;
  signalUnknownCredential?(unknown: object): Promise<void>;
};

function signalsOfBrowser(): Signals {
  return typeof PublicKeyCredential === 'function' ? (PublicKeyCredential as Signals) : {};
}

type DescriptorJson = Omit<PublicKeyCredentialDescriptor, 'id'> & { readonly id: string };
type UserJson = Omit<PublicKeyCredentialUserEntity, 'id'> & { readonly id: string };
type CreationJson = Omit<
  PublicKeyCredentialCreationOptions,
  'challenge' | 'user' | 'excludeCredentials'
> & {
  readonly challenge: string;
  readonly user: UserJson;
  readonly excludeCredentials?: readonly DescriptorJson[];
};
type RequestJson = Omit<PublicKeyCredentialRequestOptions, 'challenge' | 'allowCredentials'> & {
  readonly challenge: string;
  readonly allowCredentials?: readonly DescriptorJson[];
};

/**
 * Converted here and not by the browser's `parse…FromJSON` and `toJSON`, which older browsers lack, and which password
 * managers that answer in place of the browser do not implement.
 */
function toCreationOptions(options: PasskeyOptions): PublicKeyCredentialCreationOptions {
  const json = options as unknown as CreationJson;
  return {
    ...json,
    challenge: fromBase64Url(json.challenge),
    user: { ...json.user, id: fromBase64Url(json.user.id) },
    excludeCredentials: withBytes(json.excludeCredentials),
  };
}

function toRequestOptions(options: PasskeyOptions): PublicKeyCredentialRequestOptions {
  const json = options as unknown as RequestJson;
  return {
    ...json,
    challenge: fromBase64Url(json.challenge),
    allowCredentials: withBytes(json.allowCredentials),
  };
}

function withBytes(credentials: readonly DescriptorJson[] = []): PublicKeyCredentialDescriptor[] {
  return credentials.map((one) => ({ ...one, id: fromBase64Url(one.id) }));
}

function fromBase64Url(text: string): ArrayBuffer {
  const bytes = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(bytes, (character) => character.charCodeAt(0)).buffer;
}

function toBase64Url(bytes: ArrayBuffer): string {
  const text = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
