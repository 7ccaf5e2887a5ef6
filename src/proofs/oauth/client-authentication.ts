import { createPrivateKey } from 'node:crypto';
import { SignJWT } from 'jose';
import type { ClientAuth } from 'openid-client';
import type { OAuthProviderConfig } from '../../config.ts';
import { MINUTE, SECOND } from '../../kernel/duration.ts';
import type { Clock } from '../../kernel/ports.ts';
import type { SecretSigningKey, TokenAuth } from '../../settings/provider.ts';

/** AP-2: a client secret is valid no longer than one exchange needs. Apple accepts up to six months. */
const SECRET_LIFETIME = 5 * MINUTE;

/** How this server authenticates at a provider's token endpoint. */
export async function clientAuthentication(
  { issuer, clientSecret }: Pick<OAuthProviderConfig, 'issuer' | 'clientSecret'>,
  method: TokenAuth,
  clock: Clock,
): Promise<ClientAuth> {
  if (typeof clientSecret !== 'string') return withSignedSecret(issuer, clientSecret, clock);
  const client = await import('openid-client');
  switch (method) {
    case 'post':
      return client.ClientSecretPost(clientSecret);
    case 'basic':
      return client.ClientSecretBasic(clientSecret);
    case 'raw-basic':
      return (_server, { client_id: id }, _body, headers) => {
        const credentials = Buffer.from(`${id}:${clientSecret}`).toString('base64');
        headers.set('authorization', `Basic ${credentials}`);
      };
  }
}

/** The library awaits the function, although its type does not say so. */
function withSignedSecret(issuer: string, key: SecretSigningKey, clock: Clock): ClientAuth {
  return async (_server, { client_id: id }, body) => {
    const now = clock.now().getTime();
    const secret = await new SignJWT()
      .setProtectedHeader({ alg: 'ES256', kid: key.keyId })
      .setIssuer(key.teamId)
      .setSubject(id)
      .setAudience(issuer)
      .setIssuedAt(Math.floor(now / SECOND))
      .setExpirationTime(Math.floor((now + SECRET_LIFETIME) / SECOND))
      .sign(createPrivateKey(key.privateKey));
    body.set('client_id', id);
    body.set('client_secret', secret);
  };
}
