import type { LimitSettings } from '../../src/rate-limit/rules.ts';

/** RATE_LIMITS left alone. */
const BUILT_IN: LimitSettings = { rateLimits: { allowances: {}, exemptSources: [] } };

/** What the built-in limits depend on, in production and on a developer's own machine. */
export const PRODUCTION_LIMITS = { mode: 'production', ...BUILT_IN } as const;
export const DEVELOPMENT_LIMITS = { mode: 'development', ...BUILT_IN } as const;
