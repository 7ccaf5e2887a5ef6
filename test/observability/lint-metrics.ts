/**
 * The rules of `promtool check metrics` (prometheus/client_golang, promlint), for where promtool is not
 * installed.
 *
 * @returns one line for each broken rule
 */
export function lintMetrics(text: string): readonly string[] {
  const types = new Map<string, string>();
  const helps = new Map<string, string>();
  const problems: string[] = [];
  const labels = new Map<string, Set<string>>();
  const seen = new Set<string>();
  let current = '';
  for (const line of text.trimEnd().split('\n')) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) ?(.*)$/.exec(line) ?? [];
    if (kind === 'HELP') {
      if (helps.has(name)) problems.push(`${name}: is declared twice`);
      helps.set(name, rest);
    } else if (kind === 'TYPE') {
      types.set(name, rest);
      current = name;
    } else {
      const sample = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
      if (!sample) {
        problems.push(`not a sample: ${line}`);
        continue;
      }
      const [, own = '', inside = '', value = ''] = sample;
      if (Number.isNaN(Number(value))) problems.push(`${own}: ${value} is no number`);
      if (seen.has(`${own}{${inside}}`)) problems.push(`${own}{${inside}}: is there twice`);
      seen.add(`${own}{${inside}}`);
      const suffix = types.get(current) === 'histogram' ? /_(bucket|sum|count)$/ : /$^/;
      if (own.replace(suffix, '') !== current) problems.push(`${own}: stands under ${current}`);
      for (const [, label = ''] of inside.matchAll(/(?:^|,)([a-zA-Z_]\w*)="(?:[^"\\]|\\.)*"/g)) {
        labels.set(current, (labels.get(current) ?? new Set()).add(label));
      }
    }
  }
  for (const [name, type] of types) {
    const words = name.split('_');
    const refuse = (broken: boolean, rule: string) => broken && problems.push(`${name}: ${rule}`);
    refuse(!helps.get(name), 'no help text');
    refuse(type === 'counter' && !name.endsWith('_total'), 'a counter ends in _total');
    refuse(type !== 'counter' && name.endsWith('_total'), 'only a counter ends in _total');
    refuse(/_(bucket|count|sum)$/.test(name), 'ends like a part of a histogram');
    refuse(
      words.some((word) => word === type),
      'the type is in the name',
    );
    refuse(name.includes(':') || /[A-Z]/.test(name), 'is not in snake case');
    refuse(
      words.some((word) => ABBREVIATIONS.has(word)),
      'abbreviates a unit',
    );
    refuse(
      words.some((word) => SCALED.has(word)),
      'is not in a base unit',
    );
    for (const label of labels.get(name) ?? []) {
      refuse(/[A-Z]/.test(label), `label ${label} is not in snake case`);
      refuse(label === 'quantile' || (label === 'le' && type !== 'histogram'), `label ${label}`);
    }
  }
  return problems;
}

const ABBREVIATIONS = new Set(['s', 'ms', 'us', 'ns', 'sec', 'b', 'kb', 'mb', 'gb', 'm', 'h', 'd']);
const SCALED = new Set([
  ...['milliseconds', 'microseconds', 'nanoseconds', 'minutes', 'hours', 'days', 'weeks'],
  ...['kilobytes', 'megabytes', 'gigabytes', 'bits', 'percent', 'percentage', 'celsius'],
]);
