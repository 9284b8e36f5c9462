import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Entrant, Gate } from '../../src/datasources/http/gate.ts';
import { Lanes, Urgency } from '../../src/datasources/http/lanes.ts';
import { createMeter } from '../../src/datasources/http/meter.ts';
import { Pace } from '../../src/datasources/http/pace.ts';
import { Abandoned, DeadlineExceeded, UpstreamBusy } from '../../src/errors/upstream.ts';

afterEach(() => {
  vi.useRealTimers();
});

describe('the gate in front of the pool', () => {
  it('lets no more in than its limit, in the order in which they came', async () => {
    const gate = new Gate<Entrant>(2, 10);
    const entered: string[] = [];
    const leaveFirst = await gate.takeSlot({});
    const leaveSecond = await gate.takeSlot({});
    const enter = async (name: string) => {
      const leave = await gate.takeSlot({});
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

  it('refuses work that finds the queue full', async () => {
    const gate = new Gate<Entrant>(1, 1);
    const leave = await gate.takeSlot({});
    const waiting = gate.takeSlot({});
    await expect(gate.takeSlot({})).rejects.toThrow(UpstreamBusy);
    leave();
    (await waiting)();
  });

  it('forgets work that gives up, and gives its place to the next', async () => {
    const gate = new Gate<Entrant>(1, 10);
    const leave = await gate.takeSlot({});
    const impatient = new AbortController();
    const gone = gate.takeSlot({ signal: impatient.signal });
    const patient = gate.takeSlot({});
    impatient.abort();
    await expect(gone).rejects.toThrow(Abandoned);
    leave();
    (await patient)();
    expect(gate.running).toBe(0);
  });

  it('lets nobody in while it is paused, and everybody after', async () => {
    const gate = new Gate<Entrant>(5, 10);
    gate.pause(50);
    expect(gate.pausedMs).toBeGreaterThan(0);
    const leaves = await Promise.all([gate.takeSlot({}), gate.takeSlot({})]);
    expect(gate.pausedMs).toBe(0);
    for (const leave of leaves) leave();
  });

  it('ends a pause also for work that comes after other work has given up', async () => {
    const gate = new Gate<Entrant>(5, 10);
    gate.pause(50);
    const impatient = new AbortController();
    const gone = gate.takeSlot({ signal: impatient.signal });
    impatient.abort();
    await expect(gone).rejects.toThrow(Abandoned);
    (await gate.takeSlot({}))();
  });

  it('lets more in at once when its limit grows', async () => {
    const gate = new Gate<Entrant>(1, 10);
    const leave = await gate.takeSlot({});
    const waiting = gate.takeSlot({});
    gate.limit = 2;
    (await waiting)();
    leave();
  });

  it('gives a place back once, however often it is given back', async () => {
    const gate = new Gate<Entrant>(1, 10);
    const leave = await gate.takeSlot({});
    leave();
    leave();
    expect(gate.running).toBe(0);
  });

  it('says when it is idle', async () => {
    const gate = new Gate<Entrant>(1, 10);
    const leave = await gate.takeSlot({});
    const waiting = gate.takeSlot({});
    const idle = gate.idle();
    leave();
    (await waiting)();
    await expect(idle).resolves.toBeUndefined();
  });

  it('refuses those who wait for whom there is a reason, and lets the others in', async () => {
    const gate = new Gate<Entrant & { readonly name: string }>(1, 10);
    const leave = await gate.takeSlot({ name: 'inside' });
    const refused = gate.takeSlot({ name: 'refused' });
    const waiting = gate.takeSlot({ name: 'waiting' });
    gate.refuse(({ name }) => (name === 'refused' ? new UpstreamBusy() : undefined));
    await expect(refused).rejects.toThrow(UpstreamBusy);
    leave();
    (await waiting)();
  });

  it('spaces what it lets in as the pace wants it', async () => {
    const pace = new Pace();
    pace.throttled(performance.now(), 0, 50);
    const gate = new Gate<Entrant>(5, 10, pace);
    const entered: number[] = [];
    const began = performance.now();
    await Promise.all(
      [1, 2, 3].map(async () => {
        const leave = await gate.takeSlot({});
        entered.push(performance.now());
        leave();
      }),
    );
    const [, second = 0, third = 0] = entered;
    // Twenty milliseconds apart, less a tenth that a late timer may make up for.
    expect(second - began).toBeGreaterThan(15);
    expect(third - began).toBeGreaterThan(30);
  });

  it('tells waiting for a place from waiting for the end of a pause', async () => {
    vi.useFakeTimers();
    const gate = new Gate<Entrant>(1, 10);
    const [throttled, queued] = [createMeter(), createMeter()];
    gate.pause(60);
    const entering = gate.takeSlot({}, throttled);
    await vi.advanceTimersByTimeAsync(60);
    const leave = await entering;
    const waiting = gate.takeSlot({}, queued);
    await vi.advanceTimersByTimeAsync(30);
    leave();
    (await waiting)();
    expect(throttled).toMatchObject({ throttledMs: 60, queuedMs: 0 });
    expect(queued).toMatchObject({ throttledMs: 0, queuedMs: 30 });
  });
});

describe('the two lanes', () => {
  /** Fills a gate of one place, lets everybody wait, and answers with the order in which they came in. */
  async function orderOf(entrants: readonly (readonly [string, Entrant])[], meanwhile = () => {}) {
    const gate = new Gate<Entrant>(1, 1_000);
    const leave = await gate.takeSlot({});
    const order: string[] = [];
    const all = entrants.map(async ([name, entrant]) => {
      const leaveNow = await gate.takeSlot(entrant);
      order.push(name);
      leaveNow();
    });
    meanwhile();
    leave();
    await Promise.all(all);
    return order;
  }
  const background = { lane: 'background' } as const;
  const interactive = { lane: 'interactive' } as const;

  it('let interactive ones go first, each lane in the order in which they came', async () => {
    const order = await orderOf([
      ['b1', background],
      ['i1', interactive],
      ['b2', background],
      ['i2', {}],
    ]);
    expect(order).toEqual(['i1', 'i2', 'b1', 'b2']);
  });

  it('give every tenth place to the background while both wait', async () => {
    const order = await orderOf([
      ...['b1', 'b2', 'b3'].map((name) => [name, background] as const),
      ...Array.from({ length: 25 }, (_, index) => [`i${index + 1}`, interactive] as const),
    ]);
    expect([order.indexOf('b1'), order.indexOf('b2'), order.indexOf('b3')]).toEqual([9, 19, 27]);
  });

  it('count towards the tenth only while work waits in the background', () => {
    const lanes = new Lanes<string>();
    for (let index = 0; index < 12; index += 1) lanes.add(`i${index}`, 'interactive');
    for (let index = 0; index < 9; index += 1) lanes.next();
    lanes.add('late', 'background');
    expect(lanes.next()).toBe('i9');
  });

  it('let a background one change lanes when an interactive request comes to wait for it', async () => {
    const urgency = new Urgency('background');
    const order = await orderOf(
      [
        ['b1', background],
        ['raised', { lane: urgency }],
        ['i1', interactive],
      ],
      () => {
        urgency.raise();
        urgency.raise();
      },
    );
    expect(order).toEqual(['i1', 'raised', 'b1']);
    expect(urgency.lane).toBe('interactive');
  });

  it('take one that was raised before it came for interactive', async () => {
    const urgency = new Urgency('background');
    urgency.raise();
    const order = await orderOf([
      ['b1', background],
      ['raised', { lane: urgency }],
    ]);
    expect(order).toEqual(['raised', 'b1']);
  });

  it('are bounded together', async () => {
    const gate = new Gate<Entrant>(1, 2);
    const leave = await gate.takeSlot({});
    const waiting = [gate.takeSlot(interactive), gate.takeSlot(background)];
    await expect(gate.takeSlot(background)).rejects.toThrow(UpstreamBusy);
    await expect(gate.takeSlot(interactive)).rejects.toThrow(UpstreamBusy);
    leave();
    for (const each of waiting) (await each)();
  });

  it('leave half of the queue to those at a screen', async () => {
    const gate = new Gate<Entrant>(1, 4);
    const leave = await gate.takeSlot({});
    const waiting = [gate.takeSlot(background), gate.takeSlot(background)];
    await expect(gate.takeSlot(background)).rejects.toThrow(UpstreamBusy);
    await expect(gate.takeSlot({ lane: new Urgency('background') })).rejects.toThrow(UpstreamBusy);
    waiting.push(gate.takeSlot(interactive), gate.takeSlot(interactive));
    await expect(gate.takeSlot(interactive)).rejects.toThrow(UpstreamBusy);
    leave();
    await Promise.all(waiting.map(async (each) => (await each)()));
  });

  it('forget work that gives up, raised or not, with the reason of its signal', async () => {
    const gate = new Gate<Entrant>(1, 10);
    const leave = await gate.takeSlot({});
    const impatient = new AbortController();
    const urgency = new Urgency('background');
    const { signal } = impatient;
    const gone = [gate.takeSlot({ signal, lane: urgency }), gate.takeSlot({ signal, lane: 'background' })];
    urgency.raise();
    impatient.abort(new DeadlineExceeded(5));
    for (const each of gone) await expect(each).rejects.toThrow(DeadlineExceeded);
    expect(gate.queued).toBe(0);
    leave();
    expect(gate.running).toBe(0);
  });
});
