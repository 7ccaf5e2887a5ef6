/** What x86-64-v3 asks of a processor beyond the first x86-64 (psABI, table 3.1), in Linux's words. */
const X86_64_V3 = ['avx', 'avx2', 'bmi1', 'bmi2', 'f16c', 'fma', 'abm', 'movbe'];

/**
 * True when every processor can run what was compiled for x86-64-v3. It is asked for, not tried:
 * the first hash on one that cannot would end the process with an illegal instruction.
 *
 * @param cpuinfo the text of /proc/cpuinfo
 */
export function runsX8664v3(cpuinfo: string): boolean {
  const processors = [...cpuinfo.matchAll(/^flags\s*:(.*)$/gm)].map(
    ([, flags = '']) => new Set(flags.trim().split(/\s+/)),
  );
  return (
    processors.length > 0 && processors.every((has) => X86_64_V3.every((flag) => has.has(flag)))
  );
}
