import { absentAddresses, idsInSituation } from '../../store/sync/comparison.ts';
import type { Situation } from '../../store/sync/words.ts';
import { isRemoving } from '../guard/policy.ts';
import type { Looked } from '../observe/second-look.ts';
import { type CompareInput, comparedPlan, type Looks } from './context.ts';

/** Users beyond this number are not asked for again. If so many linked users are gone, the list of people is not believed. */
const MOST_IDS = 1_000;
/** Creations are looked up by address only if there are fewer. */
const FEW_EMAILS = 50;

/** Asks Webex again about users whom it did not list, and about users who are to lose their account or licenses. */
export async function lookAgain(input: CompareInput): Promise<Looks & { readonly isTooMany: boolean }> {
  const { db, lateLook } = input;
  const plan = comparedPlan(input);
  const { situations } = input.mapping.outline.policy;
  const missing = await idsInSituation(db, plan, ['MISSING'], MOST_IDS);
  const isTooMany = missing.length > MOST_IDS;
  const removing = (['SOURCE_MISSING', 'UNQUALIFIED', 'UNASSIGNED'] as const).filter((situation) =>
    isRemoving(situations[situation].action),
  );
  const leaving = await leavingIds(input, removing);
  const absent = situations.ABSENT.action === 'CREATE' ? await absentAddresses(db, plan, FEW_EMAILS - 1) : [];
  const emails = absent.length < FEW_EMAILS ? absent : [];
  const stillThere = new Map<string, readonly string[] | 'UNKNOWN'>();
  const taken = new Set<string>();
  const asked = [...(isTooMany ? [[]] : [missing]), leaving].filter((ids) => ids.length > 0);
  for (const ids of asked) {
    const { byId } = await lateLook({ ids });
    for (const [id, looked] of byId) if (looked !== 'GONE') stillThere.set(id, addressesOf(looked));
  }
  if (emails.length > 0) {
    const { byEmail } = await lateLook({ emails });
    for (const [email, looked] of byEmail) if (looked !== 'GONE') taken.add(email);
  }
  return { stillThere, taken, isTooMany };
}

/** A run reads each user again before it changes anything, so many are not asked for twice. */
async function leavingIds(input: CompareInput, situations: readonly Situation[]): Promise<string[]> {
  if (situations.length === 0) return [];
  const ids = await idsInSituation(input.db, comparedPlan(input), situations, MOST_IDS);
  return ids.length > MOST_IDS ? [] : ids;
}

function addressesOf(looked: Exclude<Looked, 'GONE'>): readonly string[] | 'UNKNOWN' {
  return looked === 'UNKNOWN' ? looked : looked.emails;
}
