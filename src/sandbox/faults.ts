import { Random } from './random.ts';

/** Something that goes wrong on demand. */
export type Fault =
  /** Any status. The request is not handled, unless `applied`: then it is, and the answer hides it. */
  | {
      readonly kind: 'status';
      readonly status: number;
      /** A number of seconds, any text, a Date, or absent. */
      readonly retryAfter?: number | string | Date;
      readonly message?: string;
      readonly errorCode?: number;
      /** Instead of Webex's error shape. */
      readonly body?: string;
      readonly applied?: boolean;
      /** More headers, such as a `location`. */
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** So many milliseconds more, before the request is handled or once it is. Goes with other faults. */
  | { readonly kind: 'latency'; readonly ms: number; readonly when?: 'before' | 'after' }
  /** The connection is cut without an answer, before the request is handled or once it is. */
  | { readonly kind: 'reset'; readonly when: 'before' | 'after' }
  /** The connection is cut at once, and the request is handled so many milliseconds later, or when a promise resolves. */
  | { readonly kind: 'late'; readonly after: number | Promise<unknown> }
  /** Headers and half of the body, then silence on an open connection. */
  | { readonly kind: 'stalled-body' }
  /** Headers that promise more than comes, then the connection closes. */
  | { readonly kind: 'truncated-body' }
  /** A body of white space of so many bytes, in place of the true one. */
  | { readonly kind: 'huge-body'; readonly bytes: number }
  /** An answer byte for byte, also one that no HTTP server would send; then the connection closes. */
  | { readonly kind: 'raw'; readonly answer: string; readonly applied?: boolean }
  /** A page of HTML, as from a proxy. The request is not handled. */
  | { readonly kind: 'html'; readonly status: 200 | 502 | 503 | 504 }
  /** A body of your own with status 200; without one the true body, cut in the middle. */
  | { readonly kind: 'broken-json'; readonly body?: string }
  /** The link to the next page is missing, leads back to this page, or to another origin. */
  | { readonly kind: 'next-link'; readonly how: 'lost' | 'looping' }
  | { readonly kind: 'next-link'; readonly how: 'foreign'; readonly origin: string }
  /** A list is answered as if its query named no filter, as by a proxy that drops what it does not know. */
  | { readonly kind: 'filter-ignored' }
  /** The true body, changed: `alter` changes the object that it is given. */
  | { readonly kind: 'altered'; readonly alter: (body: Record<string, unknown>) => void }
  /** A page without items that has a next page all the same. Strikes lists only: a record has no pages. */
  | { readonly kind: 'empty-page' }
  /** POST /people answers 400 and has created the person. */
  | { readonly kind: 'created-but-400' }
  /** PUT /people/:id applies only the named fields, then answers 400. */
  | { readonly kind: 'half-applied'; readonly fields: readonly string[] }
  /** PATCH /licenses/users leaves out the named licenses, or all but the first, and answers 206. */
  | { readonly kind: 'partial-grant'; readonly refuse?: readonly string[] }
  /** POST /people: the created person misses so many list requests, or so many seconds of them. */
  | { readonly kind: 'list-lag'; readonly requests?: number; readonly seconds?: number };

/** Which requests fail, and how. */
export interface FaultRule<Route extends string = string> {
  /** `*` is every route but pages for people. */
  readonly route: Route | '*';
  readonly fault: Fault;
  /** How many requests fail; default 1, Infinity for all. */
  readonly times?: number;
  /** How many matching requests pass before. */
  readonly after?: number;
  /** The share of matching requests that fail, 0 to 1, the same ones for the same `seed`. */
  readonly probability?: number;
  readonly seed?: number;
  /** Narrows the requests down further. */
  readonly where?: (request: FaultTarget) => boolean;
}

/** What faults have to know of a route. */
export interface FaultyRoute {
  readonly route: string;
  /** Whether it answers with a page of records. */
  readonly isList: boolean;
  /** Whether it is a page for people, which only rules that name it strike. */
  readonly isForPeople: boolean;
}

/** What a rule can tell requests apart by. */
export interface FaultTarget {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
}

/** A fault that was asked for. */
export interface FaultHandle {
  /** How many requests it has struck. */
  readonly struck: number;
  /** Ends it. */
  clear(): void;
}

interface ActiveRule extends FaultRule {
  seen: number;
  struck: number;
  readonly random: Random;
}

/** The faults that are asked for and have not run out. */
export class Faults {
  readonly #rules = new Set<ActiveRule>();

  add(rule: FaultRule): FaultHandle {
    const active: ActiveRule = { ...rule, seen: 0, struck: 0, random: new Random(rule.seed ?? 1) };
    this.#rules.add(active);
    return {
      get struck() {
        return active.struck;
      },
      clear: () => {
        this.#rules.delete(active);
      },
    };
  }

  clear(): void {
    this.#rules.clear();
  }

  /** The faults of a request: every latency that applies, and the first of the others, in order of asking. */
  strike(route: FaultyRoute, target: FaultTarget): readonly Fault[] {
    if (this.#rules.size === 0) return [];
    const faults: Fault[] = [];
    let isHit = false;
    for (const rule of this.#rules) {
      const isLatency = rule.fault.kind === 'latency';
      if (isHit && !isLatency) continue;
      if (!matches(rule, route, target) || !isDue(rule)) continue;
      rule.struck += 1;
      if (rule.struck >= (rule.times ?? 1)) this.#rules.delete(rule);
      faults.push(rule.fault);
      isHit ||= !isLatency;
    }
    return faults;
  }
}

function matches(rule: ActiveRule, of: FaultyRoute, target: FaultTarget): boolean {
  const isRoute = rule.route === '*' ? !of.isForPeople : rule.route === of.route;
  if (rule.fault.kind === 'empty-page' && !of.isList) return false;
  return isRoute && (rule.where === undefined || rule.where(target));
}

function isDue(rule: ActiveRule): boolean {
  rule.seen += 1;
  if (rule.seen <= (rule.after ?? 0)) return false;
  return rule.probability === undefined || rule.random.chance(rule.probability);
}
