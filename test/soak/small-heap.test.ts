import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SmallGateway, startSmallGateway } from '../hostile-load.ts';

// test/soak/load-borne.test.ts does the same with more of everything, and looks at the time that probes take.

let gateway: SmallGateway;

beforeAll(async () => {
  gateway = await startSmallGateway(160);
});
afterAll(() => gateway[Symbol.asyncDispose]());

describe('a gateway with a heap of 160 MB', () => {
  it('answers or refuses twelve queries for four thousand users each at once, and lives', async () => {
    const probe = gateway.probe();
    const answers = await gateway.askMuch(12, 4);
    const refused = answers.flat();
    expect(new Set(refused)).toEqual(new Set(refused.length === 0 ? [] : ['TOO_MUCH_UNDER_WAY']));
    expect(answers.filter((codes) => codes.length === 0).length).toBeGreaterThan(0);
    expect(await gateway.askMuch(1, 40)).toEqual([['RESULT_TOO_LARGE']]);
    await probe.stop();
    expect(gateway.lives()).toBe(true);
  });

  it('holds few of a hundred and fifty unfinished bodies of 1 MiB, and refuses the others at once', async () => {
    const before = await gateway.memory();
    using unfinished = await gateway.sendUnfinished(150);
    await expect.poll(() => unfinished.statuses().length, { timeout: 20_000 }).toBeGreaterThan(140);
    expect(new Set(unfinished.statuses())).toEqual(new Set(['HTTP/1.1 429 Too Many Requests']));
    expect((await gateway.memory()) - before).toBeLessThan(100 * 2 ** 20);
    expect(gateway.lives()).toBe(true);
  });
});
