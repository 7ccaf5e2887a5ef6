/**
 * Words that this code once used in a meaning of its own. Each has a current word (`use`). A pattern matches the
 * retired meaning only: ordinary English and names of a platform (`Promise.allSettled`, HTTP 410 Gone, "over TLS")
 * do not match.
 */
export type RetiredWord = {
  readonly word: string;
  /** The word to use now. */
  readonly use: string;
  readonly pattern: RegExp;
  /** Folders outside of which the word keeps its ordinary meaning. Everywhere if absent. */
  readonly within?: readonly string[];
};

export const RETIRED_WORDS: readonly RetiredWord[] = [
  { word: 'throttle', use: 'rate limit', pattern: /throttl/i },
  {
    word: 'charge',
    use: 'limit, allowance; count',
    pattern:
      /(?<!\b(?:in|of) )(?<![A-Za-z])[cC]harg(?:e|es|ed|ing)(?![a-z])|[a-z]Charge(?:s|d)?(?![a-z])/,
  },
  {
    word: 'owe, debt',
    use: 'refund; deferred refund',
    pattern:
      /(?<![A-Za-z])(?:[oO]we[sd]?|[oO]wing|[dD]ebts?)(?![a-z])|[a-z](?:Owe[sd]?|Debts?)(?![a-z])/,
  },
  {
    word: 'give back, pay',
    use: 'refund; return',
    pattern: /\bg(?:ive|ives|ave|iven|iving) back\b|giveBack|givenBack|\bpa(?:y|ys|id|ying)\b/i,
  },
  { word: 'instead', use: 'fall back', pattern: /let-?in-?instead|lets? in instead/i },
  {
    word: 'lane',
    use: 'concurrency limit; direct path',
    pattern: /(?<![A-Za-z])lanes?(?![a-z])|[a-z]Lanes?(?![a-z])/,
  },
  {
    word: 'trip, together',
    use: 'pipeline; round trip',
    pattern: /(?<!\bround[ -])\btrips?\b|OneTrip|[a-z]Together\b/,
  },
  {
    word: 'demand, unmet',
    use: 'require…, check…; assertion',
    pattern: /(?<!\b[oO]n[ -])[dD]emand|\bunmet\b|\bisMet\b|Unmet/,
  },
  {
    word: 'admit, enter, comer',
    use: 'completeFirstFactor, completeSecondFactor',
    pattern:
      /[aA]dmit|[aA]dmission|\b[cC]omers?\b|[a-z]Comers?\b|\benter\(|[a-z]Enter(?:s|ed)?(?![a-z])/,
  },
  { word: 'welcome', use: 'recordSignIn', pattern: /welcom/i },
  {
    word: 'carry over',
    use: 'keepAcrossCredentialChange',
    pattern:
      /\bcarr(?:y|ies|ied|ying)(?: \w+)? over\b|carr(?:y|ied)Over|carr(?:y|ied)-over|\bcarry\(/i,
  },
  { word: 'hold (a row)', use: 'lockForUpdate, lockForShare', pattern: /\bhold[A-Z]\w*/ },
  {
    word: 'place (in the hash queue)',
    use: 'reservation',
    pattern: /takePlace|freePlace|hashPlace|\bplaces? in the queue\b/i,
  },
  {
    word: 'pace',
    use: 'retryAfter',
    pattern: /(?<![A-Za-z])pac(?:e|es|ed|ing)(?![a-z])|[a-z]Pace(?![a-z])/,
  },
  {
    word: 'turn (of a job)',
    use: 'lease',
    pattern: /\btakeTurn|[a-z]Turn\b|\bturn\(|-turn\.ts|\bturns?\.ts/,
  },
  {
    word: 'settle (key rotation)',
    use: 'applyDueRotation',
    pattern: /settl/i,
    within: ['src/access-token', 'test/access-token', 'src/workers.ts'],
  },
  { word: 'tenure', use: 'validity period', pattern: /tenure/i },
  {
    word: 'dial',
    use: 'connect',
    pattern: /(?<![A-Za-z])[dD]ial(?:s|led|ling|ed|ing)?(?![a-z])|[a-z]Dial(?![a-z])/,
  },
  {
    word: 'over',
    use: 'expired, finished, ended, beyond',
    pattern:
      /\bisOver\b|\bonOver\b|\b(?:is|are|was|were|be|been|already|long) over\b(?! (?:TLS|HTTPS?|TCP|SSL|IPv|the|an?|its|all|it|every|each|\d))/i,
  },
  {
    word: 'hang up, gone',
    use: 'disconnect',
    pattern:
      /\bh[au]ngs? up\b|\bhanging up\b|h[au]ngUp|hang-up|\b(?:client|reader|caller|browser|peer|person|connection)s? (?:is|are|was|were|has|have) gone\b|\bisGone\b|\bonGone\b|clientGone/i,
  },
  {
    word: 'tell',
    use: 'report, notify, say',
    pattern:
      /\b(?:tell|tells|told|telling)\b(?! (?:\S+ ){0,6}apart\b)(?! (?:whether|if|which|how|the difference|from)\b)/i,
  },
  {
    word: 'judge, approve',
    use: 'validate (a document), verify (a code or a password), check',
    pattern: /judg|approv/i,
  },
  {
    word: 'refuse (over HTTP)',
    use: 'errorResponse',
    pattern: /\brefuse(?:[A-Z(]|\.ts)/,
    within: ['src/http', 'src/graphql-engine'],
  },
  { word: 'housekeeping', use: 'retention, purge', pattern: /housekeep/i },
  {
    word: 'who (without a noun)',
    use: 'people who …, a person who …',
    pattern:
      /\b(?:for|of|by|from|with|than|and|but|or|to) who (?!is asking)(?:has|have|had|is|was|can|cannot|did|does|may|might|must|knows?|asks?|sends?|signs?|holds?)\b|(?:\/\*\* |^\s*\* |\/\/ )Who\b(?![^.]*\?)|test\(['`](?:[A-Z]{2}-\d+\w?[:,] )*[Ww]ho\b/,
  },
];
