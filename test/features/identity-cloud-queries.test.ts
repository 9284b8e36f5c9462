import { describe, expect, it } from 'vitest';
import { startTenant, type TenantAnswer, type TenantWorld } from '../identity-cloud.ts';

const mails = ({ body }: TenantAnswer) => body.result.map((each) => each.mail);

/** Walks a collection by cookies. */
async function walk(
  world: TenantWorld,
  size: number,
  between: () => void = () => undefined,
): Promise<string[]> {
  const ids: string[] = [];
  let cookie = '';
  do {
    const { status, body } = await world.query('alpha_user', 'true', {
      _pageSize: String(size),
      ...(cookie === '' ? {} : { _pagedResultsCookie: cookie }),
    });
    expect(status).toBe(200);
    ids.push(...body.result.map(({ _id }) => _id));
    cookie = body.pagedResultsCookie ?? '';
    between();
  } while (cookie !== '');
  return ids;
}

describe('queries of the simulated Identity Cloud', () => {
  it.each([
    ['userName eq "ANN1@acme.example"', 1],
    ["/userName eq 'ann1@acme.example'", 1],
    ['userName sw "ann1"', 11],
    ['mail co "@acme" and frIndexedString2 eq "Sales"', 13],
    ['frIndexedString2 eq "Sales" OR frIndexedString2 eq "Research"', 25],
    ['!(frIndexedString2 eq "Sales") and !mail eq "ann1@acme.example"', 11],
    ['description pr', 0],
    ['mail pr', 25],
    ['frIndexedString1 ge "E100020"', 6],
    ['frIndexedString1 lt "E100003"', 2],
    ['effectiveAssignments[(name eq "Meetings" and type eq "__RESOURCE__")]', 25],
    ['effectiveApplications[name eq "Directory Tools"]', 25],
    ['unknownField eq "x"', 0],
    ['manager/userName eq "ann0@acme.example"', 0],
    ['_meta/lastChanged/date gt "2020"', 0],
    ['true', 25],
    ['false', 0],
  ])('find by %s', async (filter, count) => {
    await using world = await startTenant();
    const { status, body } = await world.query('alpha_user', filter);
    expect({ status, count: body.result.length }).toEqual({ status: 200, count });
  });

  it.each([
    'not mail pr',
    'mail ne "x"',
    'mail in ("a","b")',
    'mail eq',
    '(mail pr',
    'mail eq "x',
    '',
    'mail eq x',
  ])('refuse %s', async (filter) => {
    await using world = await startTenant();
    const { status, body } = await world.query('alpha_user', filter);
    expect(status).toBe(400);
    expect(body.message).toContain('could not be parsed as a valid query filter');
  });

  it('refuse filters that are nested too deeply', async () => {
    await using world = await startTenant();
    const nested = `${'('.repeat(257)}mail pr${')'.repeat(257)}`;
    expect((await world.query('alpha_user', nested)).status).toBe(400);
  });

  it('read a plus that is not encoded as a blank', async () => {
    await using world = await startTenant();
    await world.send('POST', '/openidm/managed/alpha_user?_action=create', {
      ...{ userName: 'a+b', givenName: 'a', sn: 'b', mail: 'a+b@acme.example' },
    });
    const find = (filter: string) => world.send('GET', `/openidm/managed/alpha_user?_queryFilter=${filter}`);
    expect((await find('mail%20eq%20%22a+b@acme.example%22')).body.result).toHaveLength(0);
    expect((await find('mail%20eq%20%22a%2Bb@acme.example%22')).body.result).toHaveLength(1);
  });

  it('differ in settings: backslashes, `in`, unknown fields, indexes, sorting by relationships', async () => {
    await using world = await startTenant();
    const { settings } = world.tenant;
    await world.send('PATCH', `/openidm/managed/alpha_user/${world.tenant.objects('alpha_user')[0]?._id}`, [
      { operation: 'replace', field: '/description', value: 'tab\there' },
    ]);
    const count = async (filter: string) => (await world.query('alpha_user', filter)).body.result.length;
    expect(await count('description eq "tab\\there"')).toBe(0);
    settings.backslashRule = 'json';
    expect(await count('description eq "tab\\there"')).toBe(1);
    settings.inOperator = 'supported';
    expect(await count('mail in "ann1@acme.example, ann2@acme.example"')).toBe(2);
    settings.unknownFilterField = '400';
    expect((await world.query('alpha_user', 'unknownField eq "x"')).status).toBe(400);
    const custom = () => world.query('alpha_user', 'frUnindexedString1 eq "x"');
    expect((await custom()).status).toBe(200);
    settings.unindexedFilter = '403';
    expect((await custom()).status).toBe(403);
    settings.unindexedFilter = '500';
    expect((await custom()).status).toBe(500);
    const sort = () => world.query('alpha_user', 'true', { _sortKeys: 'manager/userName' });
    expect((await sort()).status).toBe(500);
    settings.sortByRelationship = 'ignored';
    expect((await sort()).status).toBe(200);
  });

  it('sort by keys in both directions', async () => {
    await using world = await startTenant();
    const sorted = await world.query('alpha_user', 'true', {
      _sortKeys: 'frIndexedString2,-frIndexedString1',
      _fields: 'mail',
    });
    expect(mails(sorted).slice(0, 2)).toEqual(['ann23@acme.example', 'ann21@acme.example']);
  });

  it('walk by cookies without gap or double, with a smaller ceiling and an empty last page, too', async () => {
    await using world = await startTenant();
    const { settings } = world.tenant;
    for (const change of [{}, { pageSizeCeiling: 4 }, { emptyLastPage: true, pageSizeCeiling: 5 }]) {
      Object.assign(settings, change);
      const ids = await walk(world, 10);
      expect(new Set(ids).size).toBe(25);
      expect(ids).toHaveLength(25);
    }
  });

  it('give everything without a page size, unless the tenant has a ceiling', async () => {
    await using world = await startTenant();
    expect((await world.query('alpha_user', 'true')).body).toMatchObject({
      resultCount: 25,
      pagedResultsCookie: null,
      totalPagedResultsPolicy: 'NONE',
      totalPagedResults: -1,
      remainingPagedResults: -1,
    });
    world.tenant.settings.unpagedCeiling = 20;
    expect((await world.query('alpha_user', 'true')).status).toBe(400);
  });

  it('refuse a cookie with an offset, with another filter, when it is old or made up, and doubled parameters', async () => {
    await using world = await startTenant({ cookieLifetime: 60 });
    const { body } = await world.query('alpha_user', 'true', { _pageSize: '5' });
    const next = (parameters: Record<string, string>, filter = 'true') =>
      world.query('alpha_user', filter, {
        _pageSize: '5',
        _pagedResultsCookie: body.pagedResultsCookie ?? '',
        ...parameters,
      });
    expect((await next({})).status).toBe(200);
    expect((await next({ _pagedResultsOffset: '5' })).status).toBe(400);
    expect((await next({}, 'mail pr')).status).toBe(400);
    expect((await next({ _pagedResultsCookie: 'AAAAAAAAAKw=' })).status).toBe(400);
    world.tenant.clock.advance(61);
    expect((await next({})).status).toBe(400);
    expect(
      (await world.send('GET', '/openidm/managed/alpha_user?_queryFilter=true&_queryFilter=true')).status,
    ).toBe(400);
  });

  it('count as the tenant likes: exactly, roughly, or not at all', async () => {
    await using world = await startTenant();
    const { settings } = world.tenant;
    const total = async (collection = 'alpha_user') => {
      const { body } = await world.query(collection, 'true', {
        _pageSize: '1',
        _totalPagedResultsPolicy: 'EXACT',
      });
      return [body.totalPagedResultsPolicy, body.totalPagedResults];
    };
    expect(await total()).toEqual(['EXACT', 25]);
    expect(await total('bravo_user')).toEqual(['EXACT', 0]);
    settings.countOfEmptyType = '-1/NONE';
    expect(await total('bravo_user')).toEqual(['NONE', -1]);
    settings.exactCount = 'estimate';
    expect(await total()).toEqual(['ESTIMATE', 24]);
    settings.exactCount = 'none';
    expect(await total()).toEqual(['NONE', -1]);
  });

  it('read offsets as records or pages, and a page size of 0 in three ways', async () => {
    await using world = await startTenant();
    const { settings } = world.tenant;
    const offset = async () =>
      mails(
        await world.query('alpha_user', 'true', {
          _pageSize: '5',
          _pagedResultsOffset: '2',
          _fields: 'mail',
        }),
      )[0];
    expect(await offset()).toBe('ann2@acme.example');
    settings.offsetUnit = 'pages';
    expect(await offset()).toBe('ann10@acme.example');
    const none = () => world.query('alpha_user', 'true', { _pageSize: '0' });
    expect((await none()).body).toMatchObject({ resultCount: 0, totalPagedResults: 25 });
    settings.pageSizeZero = 'everything';
    expect((await none()).body.result).toHaveLength(25);
    settings.pageSizeZero = '400';
    expect((await none()).status).toBe(400);
  });

  it('have no order without sort keys, if the tenant is like that', async () => {
    await using world = await startTenant({ orderWithoutSort: 'shuffledPerRequest' });
    const all = async () => mails(await world.query('alpha_user', 'true', { _fields: 'mail' })).join();
    expect(await all()).not.toBe(await all());
    // The cursor of the directory keeps its order all the same.
    expect(new Set(await walk(world, 7)).size).toBe(25);
  });
});
