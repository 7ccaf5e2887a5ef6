import type { Impossible } from './covering-array.ts';

/** Settings and features that meet in one deployment. The first level is what a new one has. */
export const FACTORS = {
  mode: ['production', 'development'],
  host: ['127.0.0.1', '::1', 'localhost', '0.0.0.0', '[::]'],
  cookie: ['off', 'on'],
  /** How the client reaches the server: directly, or through its helper on a frontend's server. */
  door: ['client', 'ssr'],
  documents: ['any', 'trusted'],
  workers: ['1', '2'],
  database: ['direct', 'pgbouncer'],
  telemetry: ['none', 'otlp'],
  metrics: ['off', 'on'],
  breach: ['off', 'on'],
  verification: ['required', 'optional'],
  mfa: ['free', 'required'],
  origins: ['none', 'two'],
  proxy: ['none', 'one'],
  introspection: ['off', 'on'],
  providers: ['none', 'presets'],
} as const;

/** One deployment. */
export type Deployment = {
  readonly [Name in keyof typeof FACTORS]: (typeof FACTORS)[Name][number];
};

/** What the server refuses to start with, or what cannot be. */
export const IMPOSSIBLE: readonly Impossible[] = [
  {
    levels: ['mode', 'development', 'host', '0.0.0.0'],
    because: 'HOST reaches beyond loopback, which needs NODE_ENV=production',
  },
  {
    levels: ['mode', 'development', 'host', '[::]'],
    because: 'HOST reaches beyond loopback, which needs NODE_ENV=production',
  },
  {
    levels: ['mode', 'development', 'proxy', 'one'],
    because: 'TRUSTED_PROXY_HOPS is above 0, which needs NODE_ENV=production',
  },
  {
    levels: ['door', 'ssr', 'cookie', 'off'],
    because: "the helper passes the server's cookies on: without REFRESH_COOKIE there are none",
  },
];
