import { describe, expect, it } from 'vitest';
import { RateLimited, UpstreamRejected, UpstreamTimeout } from '../../src/errors/upstream.ts';
import { decisiveFailure, judge, partsOf } from '../../src/provisioning/changes/verdict.ts';

const call = { method: 'PUT', path: '/v1/people/x' };
const refused = new UpstreamRejected('no', call);
const late = new UpstreamTimeout('late', call);

describe('what a change came to', () => {
  it.each([
    { what: 'all is as asked for', missing: [], code: undefined },
    { what: 'all is as asked for, whatever Webex said', missing: [], failure: refused, code: undefined },
    { what: 'a part is missing', missing: ['b'], code: 'PARTIALLY_APPLIED' },
    {
      what: 'a part is missing after a refusal',
      missing: ['b'],
      failure: refused,
      code: 'PARTIALLY_APPLIED',
    },
    {
      what: 'something moved, and nothing is as asked for',
      missing: ['a', 'b'],
      moved: true,
      code: 'PARTIALLY_APPLIED',
    },
    {
      what: 'nothing is done after a refusal',
      missing: ['a', 'b'],
      failure: refused,
      code: 'UPSTREAM_REJECTED',
    },
    { what: 'nothing is done after a yes', missing: ['a', 'b'], code: 'NOT_APPLIED' },
    {
      what: 'nothing is to be seen after a timeout',
      missing: ['a', 'b'],
      failure: late,
      code: 'OUTCOME_UNKNOWN',
    },
    {
      what: 'a part is visible after a timeout, and the rest may follow',
      missing: ['b'],
      failure: late,
      code: 'OUTCOME_UNKNOWN',
    },
  ])('$what: $code', ({ missing, failure, moved = false, code }) => {
    const parts = partsOf(['a', 'b'], missing);
    const error = judge({ connectorId: 'c', record: null, parts, moved, failure, call });
    expect(error?.code).toBe(code);
  });

  it('goes by the failure that leaves it undecided, then by one that may have done a part, then by the first', () => {
    const throttled = new RateLimited(1, call);
    expect(decisiveFailure([refused, late])).toBe(late);
    expect(decisiveFailure([throttled, refused])).toBe(refused);
    expect(decisiveFailure([throttled])).toBe(throttled);
    expect(decisiveFailure([])).toBeUndefined();
  });
});
