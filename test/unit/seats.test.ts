import { describe, expect, it } from 'vitest';
import type { License } from '../../src/datasources/webex/records.ts';
import { NoSeatsLeft, OutcomeUnknown } from '../../src/errors/changes.ts';
import { Seats } from '../../src/provisioning/changes/seats.ts';

function license(id: string, left: number): License {
  return {
    ...{ id, name: id, totalUnits: 10, consumedUnits: 10 - left },
    ...{ subscriptionId: undefined, siteUrl: undefined, siteType: undefined },
  };
}

/** An organization with one license, and how often it was asked for that. */
function organization(its: License, failures = 0) {
  const asked = { times: 0 };
  const listLicenses = async () => {
    asked.times += 1;
    if (asked.times <= failures) throw new Error('Webex is away.');
    return [its];
  };
  return { asked, needs: [{ license: its, needed: 1 }], listLicenses };
}

describe('the seats that a list of changes takes', () => {
  it('are those of each organization, which is asked once', async () => {
    const [roomy, full] = [organization(license('roomy', 5)), organization(license('full', 0))];
    const seats = new Seats(true);
    const take = (where: typeof roomy) => seats.during(where, where.needs, () => 'made');
    const outcomes = await Promise.allSettled([take(roomy), take(full), take(roomy), take(full)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected']);
    expect(outcomes[1]).toMatchObject({ reason: expect.any(NoSeatsLeft) });
    expect([roomy.asked.times, full.asked.times]).toEqual([1, 1]);
  });

  it('seats are read again if the read failed', async () => {
    const there = organization(license('there', 1), 1);
    const seats = new Seats(true);
    const take = () => seats.during(there, there.needs, () => 'made');
    await expect(take()).rejects.toThrow('away');
    expect(await take()).toBe('made');
  });

  it('seats are free again if the change was refused, but not if it may have been made', async () => {
    const refused = organization(license('refused', 1));
    const seats = new Seats(true);
    const fail = (error: Error) => () => Promise.reject(error);
    await expect(seats.during(refused, refused.needs, fail(new Error('refused')))).rejects.toThrow('refused');
    expect(await seats.during(refused, refused.needs, () => 'made')).toBe('made');

    const unknown = organization(license('unknown', 1));
    const lost = new OutcomeUnknown('connector', null, undefined);
    await expect(seats.during(unknown, unknown.needs, fail(lost))).rejects.toBe(lost);
    await expect(seats.during(unknown, unknown.needs, () => 'made')).rejects.toThrow(NoSeatsLeft);
  });
});
