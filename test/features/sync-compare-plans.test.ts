import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compareStaged, outlineWith } from '../sync-compared.ts';
import { openStaged, type StagedWorld } from '../sync-staged.ts';

let world: StagedWorld;
beforeAll(async () => {
  world = await openStaged();
});
afterAll(() => world.close());

describe('a comparison', () => {
  test('makes items of what differs, links who is there already, and counts the rest', async () => {
    const { drafts, unstored } = await compareStaged(world, {
      records: [
        { key: '1', emails: ['a@acme.example'], desired: { fields: { title: 'Lead' } } },
        { key: '2', emails: ['b@acme.example'], desired: { fields: { title: 'Same' } } },
        { key: '3', emails: ['new@acme.example'], desired: { fields: { displayName: 'New' } } },
        { key: '4', emails: ['d@acme.example'], desired: { fields: { title: 'Same' } } },
      ],
      people: [
        { id: 'A', emails: ['a@acme.example'], observed: { fields: { title: 'Engineer' } } },
        { id: 'B', emails: ['b@acme.example'], observed: { fields: { title: 'Same' } } },
        { id: 'D', emails: ['d@acme.example'], observed: { fields: { title: 'Same' } } },
        { id: 'E', emails: ['e@acme.example'] },
        { id: 'F', emails: ['f@acme.example'] },
      ],
      links: [
        { key: '1', id: 'A' },
        { key: '4', id: 'D' },
        { key: '5', id: 'E' },
      ],
      outline: outlineWith({ fields: ['title', 'displayName'] }),
    });
    expect(drafts.map(({ situation, action, name }) => `${situation} ${action} ${name}`)).toEqual([
      'CONFIRMED UPDATE a@acme.example',
      'FOUND LINK b@acme.example',
      'ABSENT CREATE new@acme.example',
      'SOURCE_MISSING REPORT e@acme.example',
    ]);
    expect(drafts[0]).toMatchObject({
      at: 'line 2',
      source_key: '1',
      target_id: 'A',
      changes: [{ field: 'title', before: 'Engineer', after: 'Lead' }],
      reviewed: { emails: ['a@acme.example'], title: 'Engineer' },
      link: { emails: ['a@acme.example'] },
      counts_in: { UPDATE: 1 },
    });
    expect(unstored.map(({ situation, count }) => `${situation} ${count}`).sort()).toEqual([
      'CONFIRMED 1',
      'UNASSIGNED 1',
    ]);
  });
});
