import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { creation, field, type RunWorld, startRunWorld, titleChange } from '../sync-runs.ts';

let of: RunWorld;
/** Users without a role. */
let ids: readonly string[];
beforeAll(async () => {
  of = await startRunWorld({ sandbox: { users: 90 } });
  ids = webex()
    .people.filter(({ roleIds }) => roleIds.length === 0)
    .map(({ id }) => id);
});
afterAll(() => of[Symbol.asyncDispose]());
beforeEach(() => {
  of.world.webex.clearFaults();
  of.world.webex.requests.clear();
});

const webex = () => of.world.webex;
const person = (index: number) => {
  const found = webex().person(ids[index] ?? '');
  if (found === undefined) throw new Error('The sandbox has too few people');
  return found;
};

describe('a run of a plan', () => {
  it('creates, changes and deletes users, and counts what became of the items', async () => {
    const [one, gone] = [person(0), person(1)];
    const run = await of.apply([
      { action: 'DELETE', name: gone.email, targetId: gone.id, wave: 1, reviewed: { loginEnabled: true } },
      creation('ada@acme.example'),
      titleChange(one, 'Analyst'),
    ]);
    expect(run).toMatchObject({ state: 'COMPLETED', total: 3, settled: 3 });
    expect(run.counts).toEqual(
      expect.arrayContaining([
        { action: 'DELETE', outcome: 'APPLIED', count: 1 },
        { action: 'CREATE', outcome: 'APPLIED', count: 1 },
        { action: 'UPDATE', outcome: 'APPLIED', count: 1 },
      ]),
    );
    expect(webex().person(gone.id)).toBeUndefined();
    expect(webex().person(one.id)?.title).toBe('Analyst');
    expect(webex().person('ada@acme.example')).toBeDefined();
  });

  it('records each item in the audit trail, for who applied the plan', async () => {
    const one = person(2);
    const run = await of.apply([titleChange(one, 'Auditor')]);
    const [event] = await of.world.store.auditEvents.list({ target: one.id }, 1);
    expect(event).toMatchObject({
      ...{ operation: 'updateUser', actor: 'operator', requestId: `sync:${run.id}#1`, outcome: 'APPLIED' },
    });
    expect((await of.items(run.plan_id))[0]).toMatchObject({ event_id: event?.id, tries: 1 });
  });

  it('refuses items whose record changed in a managed field since the plan, and keeps other changes', async () => {
    const [moved, edited] = [person(3), person(4)];
    const plan = await of.plan([
      titleChange(moved, 'Planned', { department: moved.department ?? null }),
      titleChange(edited, 'Planned', { department: edited.department ?? null }),
    ]);
    await of.apply([
      { ...titleChange(moved, 'x'), changes: [field('department', moved.department ?? null, 'Elsewhere')] },
      { ...titleChange(edited, 'x'), changes: [field('firstName', edited.firstName ?? null, 'Edited')] },
    ]);
    // The plan above was made before, and another mapping's run does not make it old.
    await expect(of.runs.apply(plan, 'operator')).rejects.toMatchObject({ code: 'PLAN_NOT_APPLICABLE' });
    const run = await of.apply([
      titleChange(moved, 'Planned', { department: moved.department ?? null }),
      titleChange(edited, 'Planned', { department: edited.department ?? null }),
    ]);
    expect(run.state).toBe('COMPLETED_WITH_ERRORS');
    const items = await of.items(run.plan_id);
    expect(items.map(({ state }) => state)).toEqual(['DRIFTED', 'APPLIED']);
    expect(items[0]?.drift).toEqual([field('department', moved.department ?? null, 'Elsewhere')]);
    expect(webex().person(moved.id)?.title).toBe(moved.title);
    expect(webex().person(edited.id)).toMatchObject({ title: 'Planned', firstName: 'Edited' });
  });

  it('settles what is so already without sending anything', async () => {
    const one = person(5);
    const run = await of.apply([
      { ...titleChange(one, one.title ?? ''), changes: [field('title', 'Before', one.title ?? null)] },
    ]);
    expect(run.counts).toEqual([{ action: 'UPDATE', outcome: 'ALREADY', count: 1 }]);
    expect(webex().requests.count('PUT /people/:id')).toBe(0);
  });

  it('creates everybody once, whatever Webex answers', async () => {
    webex().fail({ route: 'POST /people', fault: { kind: 'created-but-400' }, times: 2 });
    webex().fail({ route: 'POST /people', fault: { kind: 'status', status: 503 }, times: 2 });
    webex().fail({ route: 'POST /people', fault: { kind: 'reset', when: 'after' }, times: 2 });
    const emails = Array.from({ length: 12 }, (_, index) => `lost${index}@acme.example`);
    const run = await of.apply(emails.map((email) => creation(email)));
    expect(run).toMatchObject({ state: 'COMPLETED', settled: 12 });
    expect(run.counts).toEqual([{ action: 'CREATE', outcome: 'APPLIED', count: 12 }]);
    expect(webex().people.filter(({ email }) => email.startsWith('lost'))).toHaveLength(12);
  });

  it('links users, and settles items that only change links without a request', async () => {
    const one = person(6);
    const run = await of.apply([
      {
        action: 'LINK',
        name: one.email,
        targetId: one.id,
        sourceKey: 'K1',
        wave: 0,
        link: { emails: [one.email] },
      },
    ]);
    expect(run).toMatchObject({ state: 'COMPLETED', total: 0, settled: 0 });
    expect(run.counts).toEqual([{ action: 'LINK', outcome: 'ALREADY', count: 1 }]);
    expect(webex().requests.count('GET /people/:id')).toBe(0);
  });

  it('skips items that rely on one that failed', async () => {
    const taken = person(7);
    const run = await of.apply([
      creation(taken.email),
      {
        ...{ action: 'SET_MANAGER', name: person(8).email, targetId: person(8).id, wave: 4, needs: [1] },
        changes: [field('managerId', person(8).managerId ?? null, taken.email)],
      },
    ]);
    const items = await of.items(run.plan_id);
    expect(items.map(({ state }) => state)).toEqual(['DRIFTED', 'SKIPPED']);
    expect(items[1]?.error).toMatchObject({ code: 'DEPENDENCY' });
    expect(run.state).toBe('COMPLETED_WITH_ERRORS');
  });

  it('creates groups, and adds members who are created in the same plan', async () => {
    const run = await of.apply([
      {
        action: 'CREATE_GROUP',
        kind: 'GROUP',
        name: 'hr-all',
        wave: 0,
        changes: [field('displayName', null, 'hr-all')],
      },
      creation('member@acme.example'),
      {
        ...{ action: 'CHANGE_MEMBERS', kind: 'GROUP', name: 'hr-all', wave: 5, needs: [1, 2] },
        changes: [field('members', [], [person(9).id, 'member@acme.example'])],
      },
    ]);
    expect(run.state).toBe('COMPLETED');
    const member = webex().person('member@acme.example');
    expect(new Set(webex().group('hr-all')?.memberIds)).toEqual(new Set([person(9).id, member?.id]));
  });

  it('carries out only what was chosen, and pauses after so many items', async () => {
    const plan = await of.plan([0, 1, 2, 3, 4].map((index) => titleChange(person(10 + index), 'Chosen')));
    const asked = { ...plan, only: { seqs: [1, 2, 3] }, stopAfter: 2 };
    const { id } = await of.runs.apply(asked, 'operator');
    expect((await of.runs.apply(asked, 'operator')).id).toBe(id);
    await expect(of.runs.apply(plan, 'operator')).rejects.toMatchObject({ code: 'PLAN_NOT_APPLICABLE' });
    expect(await of.carry()).toMatchObject({ state: 'PAUSED', reason: 'STOP_AFTER', settled: 2, total: 3 });
    await of.runs.resume(id);
    expect(await of.carry()).toMatchObject({ state: 'COMPLETED', settled: 3 });
    expect((await of.items(plan.planId)).map(({ state }) => state)).toEqual([
      ...['APPLIED', 'APPLIED', 'APPLIED', 'SKIPPED', 'SKIPPED'],
    ]);
    await expect(of.runs.cancel(id)).rejects.toMatchObject({ code: 'ALREADY_ENDED' });
  });

  it('carries out items that meet both conditions of a choice, and all without a condition', async () => {
    const plan = await of.plan([titleChange(person(15), 'One'), titleChange(person(16), 'Two')]);
    await of.runs.apply({ ...plan, only: { actions: ['DELETE'], seqs: [1] } }, 'operator');
    await of.carry();
    expect((await of.items(plan.planId)).map(({ state }) => state)).toEqual(['SKIPPED', 'SKIPPED']);
    const other = await of.plan([titleChange(person(15), 'One'), titleChange(person(16), 'Two')]);
    await of.runs.apply({ ...other, only: { actions: ['UPDATE'], seqs: [] } }, 'operator');
    await of.carry();
    expect((await of.items(other.planId)).map(({ state }) => state)).toEqual(['APPLIED', 'APPLIED']);
  });

  it('creates nobody for a record that another run has linked since the plan was made', async () => {
    const [one, two] = [
      await of.plan([creation('one@acme.example', { sourceKey: 'K-twice' })]),
      await of.plan([creation('two@acme.example', { sourceKey: 'K-twice' })]),
    ];
    await of.runs.apply(one, 'operator');
    expect(await of.carry()).toMatchObject({ state: 'COMPLETED' });
    await of.runs.apply(two, 'operator');
    expect(await of.carry()).toMatchObject({ state: 'COMPLETED_WITH_ERRORS' });
    expect((await of.items(two.planId))[0]).toMatchObject({ state: 'DRIFTED', error: { code: 'DRIFTED' } });
    expect(webex().person('two@acme.example')).toBeUndefined();
  });

  it('refuses a digest that is not the one of the plan', async () => {
    const { planId } = await of.plan([titleChange(person(15), 'Other')]);
    const apply = of.runs.apply({ planId, digest: '00'.repeat(32) }, 'operator');
    await expect(apply).rejects.toMatchObject({ code: 'PLAN_CHANGED' });
  });

  it('gives its items back when its worker stops, and another goes on with them', async () => {
    webex().settings.latencyMs = 20;
    const emails = Array.from({ length: 40 }, (_, index) => `moved${index}@acme.example`);
    const { id } = await of.runs.apply(await of.plan(emails.map((email) => creation(email))), 'operator');
    await of.carry((lease) => lease.drain());
    const run = await of.carry();
    webex().settings.latencyMs = 0;
    expect(run).toMatchObject({ id, state: 'COMPLETED', settled: 40 });
    expect(webex().people.filter(({ email }) => email.startsWith('moved'))).toHaveLength(40);
    expect(webex().requests.count('POST /people')).toBe(40);
  });

  it('pauses when Webex forbids a change, and goes on when it is resumed', async () => {
    webex().fail({ route: 'PUT /people/:id', fault: { kind: 'status', status: 403 } });
    const paused = await of.apply([titleChange(person(16), 'Allowed')]);
    expect(paused).toMatchObject({ state: 'PAUSED', reason: 'FORBIDDEN' });
    await of.runs.resume(paused.id);
    expect(await of.carry()).toMatchObject({ state: 'COMPLETED' });
    expect(webex().person(person(16).id)?.title).toBe('Allowed');
  });

  it('pauses when twenty items in a row fail for the same reason, with examples', async () => {
    webex().fail({ route: 'PUT /people/:id', fault: { kind: 'status', status: 400 }, times: 100 });
    const run = await of.apply(
      Array.from({ length: 50 }, (_, index) => titleChange(person(index + 17), 'Refused')),
    );
    expect(run).toMatchObject({ state: 'PAUSED', reason: 'ERRORS' });
    expect(run.message).toContain('UPSTREAM_REJECTED');
    const canceled = await of.runs.cancel(run.id);
    expect(canceled.state).toBe('CANCELED');
    expect((await of.items(run.plan_id)).some(({ state }) => state === 'SKIPPED')).toBe(true);
  });

  it('takes nothing from administrators, whatever the plan says', async () => {
    const admin = webex().person(webex().adminEmail);
    if (admin === undefined) throw new Error('There is no administrator');
    const run = await of.apply([
      { action: 'DELETE', name: admin.email, targetId: admin.id, wave: 1, reviewed: {} },
    ]);
    expect((await of.items(run.plan_id))[0]).toMatchObject({ state: 'FAILED', error: { code: 'PROTECTED' } });
    expect(webex().person(admin.id)).toBeDefined();
  });
});
