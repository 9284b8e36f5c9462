import { UpstreamDown } from '../../errors/upstream.ts';
import { Breaker, type Sign } from './breaker.ts';

interface Request {
  readonly method: string;
  readonly url: URL;
}

/** A breaker for each origin: the token endpoint may be down while the service is not. */
export class Breakers {
  readonly #breakers = new Map<string, Breaker>();

  /** Milliseconds for which some origin is left alone; 0 when none is. */
  get openMs(): number {
    const now = performance.now();
    return Math.max(0, ...[...this.#breakers.values()].map((breaker) => breaker.openLeftMs(now)));
  }

  /** The error that a request fails with at once; undefined when it may be sent. */
  refusalOf(request: Request): UpstreamDown | undefined {
    const waitMs = this.#of(request).waitMs(performance.now());
    return waitMs === 0 ? undefined : refusal(request, waitMs);
  }

  /**
   * Lets a request through, and answers with the function that takes what became of it; to be called once.
   * Throws UpstreamDown when it may not be sent.
   */
  begin(request: Request): (sign: Sign) => void {
    const breaker = this.#of(request);
    const now = performance.now();
    const report = breaker.begin(request.url.pathname, now);
    if (report === undefined) throw refusal(request, breaker.waitMs(now));
    return (sign) => report(sign, performance.now());
  }

  /** Forgets all failures; those under way are counted no more. */
  clear(): void {
    this.#breakers.clear();
  }

  #of({ url }: Request): Breaker {
    const known = this.#breakers.get(url.origin);
    if (known !== undefined) return known;
    const breaker = new Breaker();
    this.#breakers.set(url.origin, breaker);
    return breaker;
  }
}

function refusal({ method, url }: Request, waitMs: number): UpstreamDown {
  return new UpstreamDown(Math.ceil(waitMs / 1_000), { method, path: url.pathname });
}
