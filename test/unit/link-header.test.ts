import { describe, expect, it } from 'vitest';
import { nextQuery, parseLinkHeader } from '../../src/datasources/rest/link-header.ts';

const U = 'https://webexapis.com/v1/people?max=25&before&after=abc';

/** The targets that are linked as `next`; undefined for a header that cannot be read. */
const nextOf = (header: string) =>
  parseLinkHeader(header)?.flatMap(({ target, relations }) => (relations.includes('next') ? [target] : []));

describe('a Link header', () => {
  it.each([
    ['the usual form', `<${U}>; rel="next"`],
    ['without quotation marks', `<${U}>; rel=next`],
    ['without a blank', `<${U}>;rel="next"`],
    ['blanks and tabs around everything', ` <${U}> ;\trel = "next" `],
    ['other case', `<${U}>; REL="Next"`],
    ['a comma in a text before rel', `<${U}>; title="page 2, of 3"; rel="next"`],
    ['angle brackets and rel in a text', `<${U}>; title="<x>; rel=prev"; rel="next"`],
    ['escaped quotation marks', `<${U}>; title="say \\"rel=last\\""; rel="next"`],
    ['an encoded title', `<${U}>; title*=UTF-8''Seite%202; rel="next"`],
    ['several relations', `<${U}>; rel="next last"`],
    ['several relations, next not the first', `<${U}>; rel="last\tnext"`],
    ['several links', `<https://x/?a=1,2>; rel="first", <${U}>; rel="next", <https://x/>; rel=prev`],
    ['several links without blanks', `<https://x/>;rel=prev,<${U}>;rel=next`],
    ['empty elements', `, ,<${U}>; rel="next",`],
    ['empty parameters', `<${U}>;; rel="next";`],
    ['a parameter without a value', `<${U}>; crossorigin; rel="next"`],
    ['a second rel, which does not count', `<${U}>; rel="next"; rel="prev"`],
    ['rev beside rel', `<${U}>; rev="prev"; rel="next"`],
    ['blanks in the target', `< ${U} >; rel="next"`],
  ])('announces the next page: %s', (_what, header) => {
    expect(nextOf(header)).toEqual([U]);
  });

  it.each([
    ['no next among the relations', `<${U}>; rel="prev first"`],
    ['next in a text only', `<${U}>; rel="prev"; title="rel=next"`],
    ['next as rev only', `<${U}>; rev="next"`],
    ['next as a second rel', `<${U}>; rel="prev"; rel="next"`],
    ['a longer word', `<${U}>; rel="next-archive"`],
    ['nothing', ''],
    ['commas only', ' , ,'],
  ])('announces none: %s', (_what, header) => {
    expect(nextOf(header)).toEqual([]);
  });

  it.each([
    ['no link at all', 'next'],
    ['the type that mocks send', 'string'],
    ['a target that does not end', `<${U}; rel="next"`],
    ['a text that does not end', `<${U}>; rel="next`],
    ['something behind the target', `<${U}> rel="next"`],
    ['a parameter without a name', `<${U}>; ="next"`],
    ['something behind a value', `<${U}>; title="a" b; rel="next"`],
    ['more than is read', `<${U}>; title="${'a'.repeat(70_000)}"; rel="next"`],
  ])('cannot be read: %s', (_what, header) => {
    expect(nextOf(header)).toBeUndefined();
  });
});

describe('the query of the next page', () => {
  const asked = new URL('https://webexapis.com/v1/people?max=25');
  const call = { method: 'GET', path: '/v1/people' };
  const query = (target: string, from = asked, resource = '/people') =>
    nextQuery(`<${target}>; rel="next"`, from, resource, call);

  it.each([
    'https://webexapis.com/v1/people?after=abc',
    'https://webexapis.com:443/v1/people?after=abc',
    'http://webexapis.com/v1/people?after=abc',
    'https://api.ciscospark.com/v1/people?after=abc',
    'HTTPS://WEBEXAPIS.COM/v1/people?after=abc#top',
    'https://user:password@webexapis.com/v1/people/?after=abc',
    '//other.example/v1/people?after=abc',
    '/v1/people?after=abc',
    'people?after=abc',
    '?after=abc',
    'https://inner.example/webex/v1/people?after=abc',
    'https://webexapis.com/v1/%70eople?after=abc&max=null',
  ])('is taken from %s', (target) => {
    expect(query(target)).toBe('after=abc');
  });

  it('is taken from a link of members, whatever their spelling', () => {
    const members = new URL('https://webexapis.com/v1/groups/a%3D/members');
    const target = 'https://webexapis.com/v1/groups/a=/Members?startIndex=501';
    expect(query(target, members, '/groups/a%3D/members')).toBe('startIndex=501');
  });

  it.each([
    'https://webexapis.com/v1/groups?after=abc',
    'https://webexapis.com/v1/people/me?after=abc',
    'https://webexapis.com/?after=abc',
    'mailto:people?after=abc',
    'https://[?after=abc',
    'http:///%zz',
  ])('is an error for %s', (target) => {
    expect(() => query(target)).toThrow(expect.objectContaining({ code: 'UPSTREAM_INVALID' }));
  });

  it('is an error for a header that cannot be read, and none without a header', () => {
    expect(() => nextQuery('string', asked, '/people', call)).toThrow('cannot be read');
    expect(nextQuery(undefined, asked, '/people', call)).toBeUndefined();
  });
});
