/**
 * The flags that the image passes to Node (ADR-0024). Node keeps a compile cache for each set of V8 flags, so the
 * build has to know them.
 */
export const IMAGE_FLAGS: readonly string[] = [
  '--max-semi-space-size=8',
  '--no-allocation-site-pretenuring',
];
