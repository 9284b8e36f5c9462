import { expect, it } from 'vitest';
import { RenewalPace } from '../../src/connectors/renewal-pace.ts';

it('lets the second renewal follow at once, and later ones wait twice as long each time, up to 30 seconds', () => {
  const pace = new RenewalPace();
  const waits = Array.from({ length: 11 }, () => {
    const wait = pace.waitMs(1_000);
    pace.ended(1_000);
    return wait;
  });
  expect(waits).toEqual([0, 0, 250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
});

it('counts the wait from the end of the last renewal', () => {
  const pace = new RenewalPace();
  for (let round = 0; round < 4; round += 1) pace.ended(1_000);
  expect([pace.waitMs(1_400), pace.waitMs(2_000), pace.waitMs(9_000)]).toEqual([600, 0, 0]);
});

it('begins again at once when Webex has accepted a token', () => {
  const pace = new RenewalPace();
  for (let round = 0; round < 9; round += 1) pace.ended(1_000);
  pace.useful();
  expect(pace.waitMs(1_000)).toBe(0);
});
