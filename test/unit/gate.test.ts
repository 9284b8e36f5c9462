import { describe, expect, it } from 'vitest';
import { Gate } from '../../src/datasources/http/gate.ts';
import { Abandoned, UpstreamBusy } from '../../src/errors.ts';

describe('the gate in front of the pool', () => {
  it('lets no more in than its limit, in the order in which they came', async () => {
    const gate = new Gate(2, 10);
    const entered: string[] = [];
    const leaveFirst = await gate.enter();
    const leaveSecond = await gate.enter();
    const enter = async (name: string) => {
      const leave = await gate.enter();
      entered.push(name);
      return leave;
    };
    const third = enter('third');
    const fourth = enter('fourth');
    expect([gate.running, gate.queued]).toEqual([2, 2]);
    leaveFirst();
    (await third)();
    (await fourth)();
    leaveSecond();
    expect(entered).toEqual(['third', 'fourth']);
    expect([gate.running, gate.queued]).toEqual([0, 0]);
  });

  it('refuses whoever finds the queue full', async () => {
    const gate = new Gate(1, 1);
    const leave = await gate.enter();
    const waiting = gate.enter();
    await expect(gate.enter()).rejects.toThrow(UpstreamBusy);
    leave();
    (await waiting)();
  });

  it('forgets whoever gives up, and gives their place to the next', async () => {
    const gate = new Gate(1, 10);
    const leave = await gate.enter();
    const impatient = new AbortController();
    const gone = gate.enter(impatient.signal);
    const patient = gate.enter();
    impatient.abort();
    await expect(gone).rejects.toThrow(Abandoned);
    leave();
    (await patient)();
    expect(gate.running).toBe(0);
  });

  it('lets nobody in while it is paused, and everybody after', async () => {
    const gate = new Gate(5, 10);
    gate.pause(50);
    expect(gate.pausedMs).toBeGreaterThan(0);
    const leaves = await Promise.all([gate.enter(), gate.enter()]);
    expect(gate.pausedMs).toBe(0);
    for (const leave of leaves) leave();
  });

  it('ends a pause also for whoever comes after somebody has given up', async () => {
    const gate = new Gate(5, 10);
    gate.pause(50);
    const impatient = new AbortController();
    const gone = gate.enter(impatient.signal);
    impatient.abort();
    await expect(gone).rejects.toThrow(Abandoned);
    (await gate.enter())();
  });

  it('lets more in at once when its limit grows', async () => {
    const gate = new Gate(1, 10);
    const leave = await gate.enter();
    const waiting = gate.enter();
    gate.limit = 2;
    (await waiting)();
    leave();
  });

  it('gives a place back once, however often it is given back', async () => {
    const gate = new Gate(1, 10);
    const leave = await gate.enter();
    leave();
    leave();
    expect(gate.running).toBe(0);
  });

  it('says when it is idle', async () => {
    const gate = new Gate(1, 10);
    const leave = await gate.enter();
    const waiting = gate.enter();
    const idle = gate.idle();
    leave();
    (await waiting)();
    await expect(idle).resolves.toBeUndefined();
  });
});
