import { pino } from 'pino';
import type { ErrorFacts } from './error-facts.ts';
import { readFact } from './fact-values.ts';

/**
 * Every fact that a line may hold, and what it is. Nothing else is written: a secret cannot slip into the log by
 * way of an object that is passed on as a whole.
 */
const FACTS = {
  acknowledgedTo: 'text',
  apiKey: 'text',
  auditEvent: 'text',
  authorizationError: 'text',
  authorizationErrorDescription: 'text',
  by: 'text',
  bytesLost: 'number',
  caller: 'text',
  changed: 'names',
  check: 'text',
  connector: 'text',
  daysLeft: 'number',
  durationMs: 'number',
  error: 'error',
  errorId: 'text',
  errors: 'names',
  field: 'text',
  host: 'text',
  item: 'number',
  keyId: 'text',
  locks: 'number',
  method: 'text',
  metricsPort: 'number',
  missingScopes: 'names',
  operation: 'text',
  outcome: 'text',
  path: 'text',
  port: 'number',
  publicUrl: 'text',
  recoveredTo: 'text',
  reason: 'text',
  report: 'names',
  requestId: 'text',
  run: 'text',
  schedule: 'text',
  sealedAnew: 'number',
  signal: 'text',
  status: 'number',
  store: 'text',
  upstreamBatchedKeys: 'number',
  upstreamCacheHits: 'number',
  upstreamEstimate: 'number',
  upstreamQueuedMs: 'number',
  upstreamRequests: 'number',
  upstreamRetries: 'number',
  upstreamShared: 'number',
  upstreamThrottledMs: 'number',
  upstreamRecordsLeftOut: 'number',
} as const;

type FactName = keyof typeof FACTS;

interface Kinds {
  readonly text: string;
  readonly number: number;
  readonly names: readonly string[];
  readonly error: ErrorFacts;
}

/** What a log line may say beside its sentence. */
export type Facts = { readonly [Name in FactName]?: Kinds[(typeof FACTS)[Name]] | undefined };

/** Facts of which each is a known one, also if they come in a variable. */
type Known<Given> = Facts & Given & { readonly [Name in Exclude<keyof Given, FactName>]: never };

/** A sentence as it stands in the source: values belong into facts. */
type Sentence<Text extends string> = Record<never, never> extends Record<Text, true> ? never : Text;

type Write = <Given extends Facts, Text extends string>(
  facts: Known<Given>,
  sentence: Sentence<Text>,
) => void;

/** What the rooms log with. Handed in; nothing reaches for a global logger. */
export interface Logger {
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
}

/**
 * A logger that writes one JSON object a line, made of known facts only.
 * @param level the least severe level that is written
 * @param write where lines go; default: standard output
 */
export function createLogger(level: string, write?: (line: string) => void): Logger {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  const lines = write === undefined ? pino(options) : pino(options, { write });
  return {
    debug: (facts, sentence) => lines.debug(known(facts), sentence),
    info: (facts, sentence) => lines.info(known(facts), sentence),
    warn: (facts, sentence) => lines.warn(known(facts), sentence),
    error: (facts, sentence) => lines.error(known(facts), sentence),
  };
}

/** The second line of defence, for facts that came past the compiler. */
function known(facts: object): object {
  const line: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(facts)) {
    if (!isFact(name) || value === undefined) continue;
    const fact = readFact(FACTS[name], value);
    if (fact !== undefined) line[name] = fact;
  }
  return line;
}

function isFact(name: string): name is FactName {
  return Object.hasOwn(FACTS, name);
}
