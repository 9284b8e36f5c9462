import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PageSizes } from '../../src/datasources/rest/page-size.ts';
import { isTooMuchAtOnce } from '../../src/datasources/webex/failures.ts';
import { UpstreamTimeout, UpstreamUnavailable } from '../../src/errors/upstream.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const MINUTE = 60_000;

/** An upstream that bears so many records at once, and the sizes it was asked for. */
function upstream(bears: number) {
  const asked: number[] = [];
  const read = async (max: number) => {
    asked.push(max);
    if (max > bears)
      throw new UpstreamUnavailable('too much', { method: 'GET', path: '/people', status: 504 });
    return max;
  };
  return { asked, read };
}

describe('the size of a page', () => {
  it.each([
    ['is halved until it works', 30, [100, 50, 25]],
    ['is not halved below ten', 5, [100, 50, 25, 12, 10]],
  ])('%s', async (_what, bears, sizes) => {
    const { asked, read } = upstream(bears);
    await new PageSizes(isTooMuchAtOnce)
      .of('people', null, 100)
      .read(100, read)
      .catch(() => undefined);
    expect(asked).toEqual(sizes);
  });

  it.each([
    ['halved when no answer came in time', undefined, 2],
    ['left as it is when there was no connection in time', 'UND_ERR_CONNECT_TIMEOUT', 1],
  ])('is %s', async (_what, brokenBy, asked) => {
    const read = vi.fn(async (_max: number) => {
      throw new UpstreamTimeout('late', { method: 'GET', path: '/people', brokenBy });
    });
    const size = new PageSizes(isTooMuchAtOnce).of('people', null, 20);
    await expect(size.read(20, read)).rejects.toThrow(UpstreamTimeout);
    expect(read).toHaveBeenCalledTimes(asked);
  });

  it('is remembered for five minutes, for lists of this kind and these parts, and then tried in full again', async () => {
    const { asked, read } = upstream(30);
    const sizes = new PageSizes(isTooMuchAtOnce);
    const readOnce = async (list: string, parts: unknown) => {
      asked.length = 0;
      await sizes.of(list, parts, 100).read(100, read);
      return [...asked];
    };
    expect(await readOnce('people', { calling: true })).toEqual([100, 50, 25]);
    expect(await readOnce('people', { calling: true })).toEqual([25]);
    expect(await readOnce('people', { calling: false })).toEqual([100, 50, 25]);
    expect(await readOnce('groups', { calling: true })).toEqual([100, 50, 25]);
    vi.advanceTimersByTime(4 * MINUTE);
    expect(await readOnce('people', { calling: true })).toEqual([25]);
    vi.advanceTimersByTime(MINUTE);
    expect(await readOnce('people', { calling: true })).toEqual([100, 50, 25]);
  });

  it('the page size is not halved after too many recent failures: the failure is returned', async () => {
    const { asked, read } = upstream(30);
    let left = 1;
    const reading = new PageSizes((error) => isTooMuchAtOnce(error) && left-- > 0)
      .of('people', null, 100)
      .read(100, read);
    await expect(reading).rejects.toThrow(UpstreamUnavailable);
    expect(asked).toEqual([100, 50]);
  });
});
