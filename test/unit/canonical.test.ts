import { describe, expect, it } from 'vitest';
import {
  canonicalEmail,
  canonicalName,
  canonicalPhoneNumber,
  canonicalSite,
  canonicalText,
  canonicalUrl,
} from '../../src/datasources/webex/canonical.ts';
import { canonicalId } from '../../src/datasources/webex/ids.ts';

const idOf = (uri: string) => Buffer.from(uri).toString('base64');
const padded = idOf('ciscospark://us/PEOPLE/4a5b9b4e-0b0c-4f0d-8b0a-2f1b4b0c9d0e');

describe('two spellings of the same value', () => {
  it.each([
    ['a text with decomposed accents', canonicalText, 'Jose\u0301', 'Jos\u00e9'],
    ['a text with two blanks', canonicalText, 'Research  and  Development', 'Research and Development'],
    ['a text with no-break blanks and blanks around it', canonicalText, ' a\u00a0b\n', 'a b'],
    ['a name in capitals', canonicalName, 'SALES  Team', 'sales team'],
    ['an address in capitals', canonicalEmail, 'Ann@ACME.example', 'ann@acme.example'],
    ['a site in capitals', canonicalSite, 'ACME-EU.webex.com#Attendee', 'acme-eu.webex.com#attendee'],
    ['a URL without its slash', canonicalUrl, 'HTTPS://Pictures.Example', 'https://pictures.example/'],
    ['a URL with its usual port', canonicalUrl, 'https://a.example:443/Me.png', 'https://a.example/Me.png'],
    ['a phone number with brackets', canonicalPhoneNumber, '+1 (555) 010-9999', '+15550109999'],
    ['a phone number without a country', canonicalPhoneNumber, '030/901 820', '030901820'],
    ['an id with padding', canonicalId, padded, padded.replace(/=+$/, '')],
    [
      'an id of another region',
      canonicalId,
      padded,
      idOf(Buffer.from(padded, 'base64').toString().replace('/us/', '/eu/')),
    ],
  ])('are equal: %s', (_what, canonical, one, other) => {
    expect(canonical(one)).toBe(canonical(other));
  });

  it.each([
    ['texts in another case', canonicalText, 'Sales', 'sales'],
    ['addresses of two people', canonicalEmail, 'ann@acme.example', 'anne@acme.example'],
    ['paths in another case', canonicalUrl, 'https://a.example/Me.png', 'https://a.example/me.png'],
    ['a site to host at and to attend', canonicalSite, 'acme.webex.com', 'acme.webex.com#attendee'],
    ['an extension and the number it ends', canonicalPhoneNumber, '9999', '+15550109999'],
    [
      'ids of two people',
      canonicalId,
      padded,
      idOf('ciscospark://us/PEOPLE/00000000-0b0c-4f0d-8b0a-2f1b4b0c9d0e'),
    ],
    ['ids of two kinds', canonicalId, idOf('ciscospark://us/ROLE/x'), idOf('ciscospark://us/LICENSE/x')],
  ])('are not: %s', (_what, canonical, one, other) => {
    expect(canonical(one)).not.toBe(canonical(other));
  });

  it('stay as they are if an id is no public id, or far too long', () => {
    expect(canonicalId('me')).toBe('me');
    expect(canonicalId('x'.repeat(1_000_000))).toHaveLength(1_000_000);
  });
});
