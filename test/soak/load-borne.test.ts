import { expect, it } from 'vitest';
import { startSmallGateway } from '../hostile-load.ts';

it('a gateway with a heap of 1 GB bears sixty queries for forty thousand users each, and 600 unfinished bodies', async () => {
  await using gateway = await startSmallGateway(1_024);
  const probe = gateway.probe();
  for (const aliases of [40, 20, 8]) {
    const codes = new Set((await gateway.askMuch(60, aliases)).flat());
    const expected = ['TOO_MUCH_UNDER_WAY', 'TOO_MANY_OPERATIONS', 'RESULT_TOO_LARGE'];
    expect([...codes].filter((code) => !expected.includes(code))).toEqual([]);
  }
  // A figure to read, as any limit would be one of the machine: 250 ms on two quiet cores is the goal.
  process.stdout.write(`the slowest answer of /health beside it: ${Math.round(await probe.stop())} ms\n`);
  expect(gateway.lives()).toBe(true);
  const before = await gateway.memory();
  using unfinished = await gateway.sendUnfinished(600);
  await expect.poll(() => unfinished.statuses().length, { timeout: 60_000 }).toBeGreaterThan(570);
  expect((await gateway.memory()) - before).toBeLessThan(100 * 2 ** 20);
  expect(gateway.lives()).toBe(true);
});
