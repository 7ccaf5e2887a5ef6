/** Words that examples have in place of a secret, without case and punctuation. */
const WORDS = [
  'changeme',
  'changethis',
  'changeit',
  'replaceme',
  'replacethis',
  'replacewith',
  'placeholder',
  'yoursecret',
  'yourpassword',
  'yourclientsecret',
  'generateme',
  'fillmein',
  'insertyour',
];

/**
 * True for a secret that was copied from an example and never replaced (CF-1). A random secret
 * contains one of these words about once in 10^11 cases.
 */
export function isPlaceholder(secret: string): boolean {
  const letters = secret.toLowerCase().replace(/[^a-z0-9]/g, '');
  return WORDS.some((word) => letters.includes(word)) || /^(.)\1{2,}$/.test(letters);
}
