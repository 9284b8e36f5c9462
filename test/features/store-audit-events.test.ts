import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import type { NewAuditEvent } from '../../src/store/audit-events.ts';
import { openStore } from '../../src/store/store.ts';
import { freshDatabase } from '../databases.ts';

/** An event whose outcome is open. */
const OPEN = {
  ...{ actor: 'anonymous', operation: 'updateUser', requestId: 'r', dryRun: false, changes: [] },
  ...{ connectorId: null, connectorName: null, targetId: null, targetName: null },
  idempotencyKey: null,
  settled: undefined,
  targetType: 'User',
} satisfies Omit<NewAuditEvent, 'id'>;

it.each([
  ['UNKNOWN', 'APPLIED'],
  ['APPLIED', 'UNKNOWN'],
] as const)('of %s and %s, which come at once for one event, the certain outcome stays', async (...outcomes) => {
  await using database = await freshDatabase();
  await using store = await openStore(database.options);
  const ids = Array.from({ length: 3 }, () => randomUUID());
  await Promise.all(ids.map((id) => store.auditEvents.begin({ ...OPEN, id })));
  const complete = (id: string, outcome: 'UNKNOWN' | 'APPLIED') =>
    store.auditEvents.complete({ id, outcome, errorCode: null, trackingIds: [`of ${outcome}`] });
  await Promise.all(outcomes.flatMap((outcome) => ids.map((id) => complete(id, outcome))));
  for (const id of ids) {
    const event = await store.auditEvents.get(id);
    expect(event?.outcome).toBe('APPLIED');
    expect(event?.trackingIds).toContain('of APPLIED');
  }
});
