import { customType, timestamp } from 'drizzle-orm/pg-core';

/** Raw bytes: a hash, a MAC or a sealed value. */
export const bytea = customType<{ data: Buffer; driverData: Buffer }>({
  dataType: () => 'bytea',
});

/** A time with time zone, with the millisecond precision of a JavaScript Date. */
export const moment = (name: string) =>
  timestamp(name, { withTimezone: true, precision: 3, mode: 'date' });
