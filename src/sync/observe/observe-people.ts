import type { Person } from '../../datasources/webex/people/person.ts';
import type { WebexScan } from '../../datasources/webex/scan.ts';
import type { Staging } from '../../store/sync/staging.ts';
import type { TargetRows } from './observed-user.ts';
import type { Tally } from './tally.ts';

/**
 * Reads all people into `sync_target_rows`.
 * @param rows makes their rows, as soon as licenses and roles are known
 */
export async function observePeople(
  scan: WebexScan,
  calling: boolean,
  staging: Staging,
  rows: Promise<TargetRows>,
  tally: Tally,
): Promise<void> {
  /** Ids, because a bot that comes twice is one. There are few. */
  const others = new Set<string>();
  let came = 0;
  const sink = {
    async take(people: readonly Person[]) {
      const maker = await rows;
      const made = people.map((person) => maker.of(person));
      const fresh = await staging.insert('sync_target_rows', made);
      const conflicting = fresh === made.length ? 0 : await staging.conflicting('sync_target_rows', made);
      for (const { type, webex_id: id } of made) if (type !== 'person') others.add(id);
      came += fresh;
      tally.others = others.size;
      tally.people = came - others.size;
      tally.tell();
      return { fresh, conflicting };
    },
    async restart() {
      await staging.clear('sync_target_rows');
      came = 0;
      others.clear();
    },
  };
  tally.ended('people', await scan.people(calling, sink, tally.meterOf('people')));
}
