/** A production environment that starts, with a key no document shows. */
export const PRODUCTION = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://auth.example.com',
  DATABASE_URL: 'postgres://latchkey:kR4vn0mlQx@db.internal:5432/latchkey',
  SECRET_KEYS: 'q0b2NnK7Q1W8rU5gk0QbHh3m0xJ5l5nXh2v3d9sYcLk=',
  SMTP_URL: 'smtps://mailer:Wd83nfLq@smtp.example.com:465',
  MAIL_FROM: 'Latchkey <no-reply@example.com>',
} as const;

/** What the launcher sets in development. */
export const DEVELOPMENT = {
  DATABASE_URL: 'postgres://latchkey:latchkey@127.0.0.1:5432/latchkey',
} as const;

/** The same bytes for every run, with the look of random ones. */
export function randomLooking(length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, i) => (i * i * 73 + i * 151 + 29) & 0xff));
}
