/** How far the server's clock is ahead of this device's, which may be wrong by hours. */
let ahead = 0;

/** Reads the server's time from the `Date` header of its responses. Pages of another origin cannot read it. */
export const fetchAndNoteTime: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  const date = Date.parse(response.headers.get('date') ?? '');
  if (!Number.isNaN(date)) ahead = date - Date.now();
  return response;
};

/** The server's time, in milliseconds. */
export function serverNow(): number {
  return Date.now() + ahead;
}
