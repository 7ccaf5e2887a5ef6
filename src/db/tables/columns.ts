import { customType, timestamp } from 'drizzle-orm/pg-core';

/** Raw bytes: a hash, a MAC or a sealed value. */
export const bytea = customType<{ data: Buffer; driverData: Buffer }>({
  dataType: () => 'bytea',
});

/** A moment, to the millisecond the application knows; stored with its zone. */
export const moment = (name: string) =>
  timestamp(name, { withTimezone: true, precision: 3, mode: 'date' });
