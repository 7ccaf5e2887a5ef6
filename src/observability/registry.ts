import { INSTRUMENTS, type Instrument, type InstrumentKey, type KeysOf } from './instruments.ts';

/** The values of an instrument's labels, in the order of the list. */
export type LabelValues = readonly (string | number)[];

/** One series: its label values and its current value. */
type Point = { readonly labels: LabelValues; readonly value: number };

/** One series of a histogram; `counts` has one more entry than there are bounds. */
export type HistogramPoint = {
  readonly labels: LabelValues;
  readonly counts: readonly number[];
  readonly sum: number;
  readonly count: number;
};

/** An instrument with its current series. */
export type Measured =
  | {
      readonly instrument: Instrument;
      readonly kind: 'counter' | 'gauge';
      readonly points: readonly Point[];
    }
  | {
      readonly instrument: Instrument;
      readonly kind: 'histogram';
      readonly points: readonly HistogramPoint[];
    };

/** The measurements of this process. */
export type Registry = {
  /** Adds one to a counter. */
  add(key: KeysOf<'counter'>, labels: LabelValues): void;
  /** Records one value in a histogram, in the histogram's unit. */
  record(key: KeysOf<'histogram'>, labels: LabelValues, value: number): void;
  /**
   * Registers a gauge, or a counter that is kept elsewhere, to be read at each collection. If `read`
   * answers null, the series is left out: a missing series is better than an outdated one.
   */
  watch(key: KeysOf<'counter' | 'gauge'>, read: () => number | null | readonly Point[]): void;
  /** Everything measured so far, in the order of the list. */
  collect(): readonly Measured[];
};

/**
 * The most series of one instrument. Labels come from closed lists, none of which is nearly as long;
 * the bound guards against a label that somebody adds later. Further series count as one, `other`.
 */
export const MAX_SERIES = 2_000;

type Counter = { readonly labels: LabelValues; value: number };
type Histogram = {
  readonly labels: LabelValues;
  readonly counts: number[];
  sum: number;
  count: number;
};

/** A registry for every instrument of the list. */
export function createRegistry(): Registry {
  const counters = new Map<InstrumentKey, Map<string, Counter>>();
  const histograms = new Map<InstrumentKey, Map<string, Histogram>>();
  const watched = new Map<InstrumentKey, Read>();

  const seriesOf = <Series>(
    all: Map<InstrumentKey, Map<string, Series>>,
    key: InstrumentKey,
    labels: LabelValues,
    begin: (labels: LabelValues) => Series,
  ): Series => {
    const ofKey = all.get(key) ?? new Map<string, Series>();
    if (ofKey.size === 0) all.set(key, ofKey);
    const name = labels.length === 1 ? String(labels[0]) : labels.join('\n');
    const known = ofKey.get(name);
    if (known) return known;
    const isFull = ofKey.size >= MAX_SERIES;
    const own = isFull ? labels.map(() => 'other') : [...labels];
    const ownName = own.join('\n');
    const series = ofKey.get(ownName) ?? begin(own);
    ofKey.set(ownName, series);
    return series;
  };
  const counterOf = (key: KeysOf<'counter'>, labels: LabelValues) =>
    seriesOf(counters, key, labels, (own) => ({ labels: own, value: 0 }));

  const pointsOf = (key: InstrumentKey): readonly Point[] => {
    const read = watched.get(key);
    if (!read) return [...(counters.get(key)?.values() ?? [])].map((one) => ({ ...one }));
    const answer = read();
    if (answer === null) return [];
    return typeof answer === 'number' ? [{ labels: [], value: answer }] : answer;
  };

  // A counter without labels starts at 0, because a first value of 1 would not show as an increase.
  for (const key of COUNTERS) if (INSTRUMENTS[key].labels.length === 0) counterOf(key, []);

  return {
    add(key, labels) {
      counterOf(key, labels).value += 1;
    },
    record(key, labels, value) {
      const bounds: readonly number[] = INSTRUMENTS[key].buckets;
      const series = seriesOf(histograms, key, labels, (own) => ({
        labels: own,
        counts: new Array<number>(bounds.length + 1).fill(0),
        sum: 0,
        count: 0,
      }));
      let bucket = 0;
      while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket += 1;
      series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
      series.sum += value;
      series.count += 1;
    },
    watch(key, read) {
      watched.set(key, read);
    },
    collect: () =>
      KEYS.map((key): Measured => {
        const instrument: Instrument = INSTRUMENTS[key];
        const { kind } = instrument;
        if (kind !== 'histogram') return { instrument, kind, points: pointsOf(key) };
        const series = [...(histograms.get(key)?.values() ?? [])];
        const points = series.map((one) => ({ ...one, counts: [...one.counts] }));
        return { instrument, kind, points };
      }),
  };
}

type Read = () => number | null | readonly Point[];

const KEYS = Object.keys(INSTRUMENTS).filter(isInstrumentKey);
const COUNTERS = KEYS.filter(isCounter);

function isInstrumentKey(key: string): key is InstrumentKey {
  return Object.hasOwn(INSTRUMENTS, key);
}

function isCounter(key: InstrumentKey): key is KeysOf<'counter'> {
  return INSTRUMENTS[key].kind === 'counter';
}
