import * as z from 'zod';
import { isPlaceholder } from './placeholder.ts';
import { parseJson, printableText, reading } from './schemas.ts';
import { issuerUrl } from './urls.ts';

/** Strict, because an unknown member such as `client_secret` is a mistake. */
const oauthSchema = z
  .strictObject(
    {
      tokenUrl: issuerUrl,
      clientId: printableText(512),
      clientSecret: printableText(4096).optional(),
      refreshToken: printableText(8192).optional(),
      scope: printableText(1024).optional(),
    },
    { error: 'must have tokenUrl and clientId, and no unknown member' },
  )
  .refine(
    ({ clientSecret, refreshToken }) => clientSecret !== undefined || refreshToken !== undefined,
    'must have a clientSecret, a refreshToken or both',
  );

/** How access tokens for the mail server are obtained. */
export type SmtpOAuth = z.output<typeof oauthSchema>;

/** SMTP_OAUTH. A broken rule names the member, never its value (CF-1). */
export const smtpOAuth: z.ZodType<SmtpOAuth> = reading((json, refuse) => {
  const parsed = parseJson(json);
  if (!parsed) return refuse('is not valid JSON');
  const result = oauthSchema.safeParse(parsed.value);
  if (result.success) return result.data;
  return refuse(
    result.error.issues
      .map(({ path, message }) => (path.length > 0 ? `.${path.join('.')} ${message}` : message))
      .join('; '),
  );
});

/** The rule for production: no secret copied from an example (CF-1). */
export function placeholderOAuthRule(oauth: SmtpOAuth | null): string | null {
  if (isPlaceholder(oauth?.clientSecret ?? '')) return '.clientSecret is a placeholder';
  return isPlaceholder(oauth?.refreshToken ?? '') ? '.refreshToken is a placeholder' : null;
}
