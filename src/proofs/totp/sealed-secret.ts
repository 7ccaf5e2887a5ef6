/** A secret only opens for its own person: copied to another's row it opens nothing (TO-5). */
export function sealedContext(userId: string): string {
  return `totp:${userId}`;
}
