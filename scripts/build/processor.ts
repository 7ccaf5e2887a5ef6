/** The features that x86-64-v3 adds to the first x86-64 (psABI, table 3.1), as Linux names them. */
const X86_64_V3 = ['avx', 'avx2', 'bmi1', 'bmi2', 'f16c', 'fma', 'abm', 'movbe'];

/**
 * True if every processor can run code compiled for x86-64-v3. The flags are read and the code is not tried: on
 * another processor the first hash would end the process with an illegal instruction.
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
