import { canonicalId } from '../../datasources/webex/ids.ts';
import type { TargetRecord } from '../../store/undecided-writes.ts';

/** The name of a record's lock. It is the same for every spelling of the record's id. */
export function lockNameOf({ type, id }: TargetRecord): string {
  return `${type === 'User' ? 'person' : 'group'} ${canonicalId(id)}`;
}
