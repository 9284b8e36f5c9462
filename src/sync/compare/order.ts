import type { HeldAddress, ManagedDraft } from '../../store/sync/draft-graph.ts';
import type { Withheld } from '../../store/sync/words.ts';

/** A draft that is withheld because of another one. */
export interface WithheldDraft {
  readonly draft: number;
  readonly withheld: Withheld;
  readonly reason: string;
}

/** How drafts depend on addresses that others give up. */
export interface AddressOrder {
  readonly withheld: readonly WithheldDraft[];
  /** Drafts that must come first, by draft. */
  readonly needs: ReadonlyMap<number, readonly number[]>;
  /** Place in a chain of addresses, from its end: 0 needs nothing. Only drafts that need another one, or are needed. */
  readonly levels: ReadonlyMap<number, number>;
}

/** Which creations wait for a manager who is created, too. */
export interface ManagerOrder {
  /** By draft of a user: 0 for one whose manager is not created in the plan. */
  readonly depths: ReadonlyMap<number, number>;
  /** Drafts that get their manager in the end: in a circle, too deep, or with another first address. */
  readonly later: ReadonlySet<number>;
}

/** Managers below managers, one wave each. */
const MOST_DEPTH = 20;

/**
 * Puts drafts that take an address behind those that give it up. A draft that takes an address that is not given up is withheld, and
 * so are rings, and all that depend on a withheld draft. Pure.
 */
export function orderAddresses(held: readonly HeldAddress[]): AddressOrder {
  const withheld = new Map<number, WithheldDraft>();
  const needs = new Map<number, number[]>();
  for (const row of held) {
    const refusal = refusalOf(row);
    if (refusal !== undefined) withheld.set(row.draft, { draft: row.draft, ...refusal });
    else if (row.holder !== null) needs.set(row.draft, [...(needs.get(row.draft) ?? []), row.holder]);
  }
  const levels = levelsOf(needs, withheld);
  for (const draft of ringsAmong(needs, levels)) {
    if (!withheld.has(draft))
      withheld.set(draft, {
        ...{ draft, withheld: 'ADDRESS_SWAP' },
        reason: 'Users exchange their addresses in a ring. Give one of them an address of its own first.',
      });
  }
  for (const draft of needs.keys()) {
    if (!levels.has(draft) && !withheld.has(draft)) withheld.set(draft, dependent(draft));
  }
  return { withheld: [...withheld.values()], needs, levels };
}

function refusalOf({ address, holder, holderAction, isHolderWithheld, isFreed }: HeldAddress) {
  if (holderAction === 'DELETE' && !isHolderWithheld) {
    const reason = `The user who has the address ${address} is deleted in this plan, and Webex blocks an address for seven days.`;
    return { withheld: 'DEPENDENCY', reason } as const;
  }
  const isIdle = holderAction === null || holderAction === 'NONE' || holderAction === 'REPORT';
  if (holder === null || isIdle || !isFreed) {
    const reason = `Another user has the address ${address} and keeps it.`;
    return { withheld: 'NAME_TAKEN', reason } as const;
  }
  if (!isHolderWithheld) return undefined;
  const reason = `Another user has the address ${address}, and the item that would free it is withheld.`;
  return { withheld: 'DEPENDENCY', reason } as const;
}

function dependent(draft: number): WithheldDraft {
  const reason = 'An item that would free an address for this one is withheld.';
  return { draft, withheld: 'DEPENDENCY', reason };
}

/** Levels of all drafts that no ring holds up. Drafts that need a withheld one are withheld on the way. */
function levelsOf(
  needs: ReadonlyMap<number, readonly number[]>,
  withheld: Map<number, WithheldDraft>,
): Map<number, number> {
  const neededBy = reversed(needs);
  const open = new Map([...needs].map(([draft, list]) => [draft, list.length]));
  const levels = new Map<number, number>();
  const ready = [...neededBy.keys()].filter((draft) => !needs.has(draft));
  for (const draft of ready) levels.set(draft, 0);
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    for (const draft of neededBy.get(next) ?? []) {
      levels.set(draft, Math.max(levels.get(draft) ?? 0, (levels.get(next) ?? 0) + 1));
      if (withheld.has(next) && !withheld.has(draft)) withheld.set(draft, dependent(draft));
      const left = (open.get(draft) ?? 0) - 1;
      open.set(draft, left);
      if (left === 0) ready.push(draft);
    }
  }
  for (const [draft, left] of open) if (left > 0) levels.delete(draft);
  return levels;
}

/** Drafts without a level that are in a ring: what only waits for one is taken away. */
function ringsAmong(
  needs: ReadonlyMap<number, readonly number[]>,
  levels: ReadonlyMap<number, number>,
): Set<number> {
  const stuck = new Map(
    [...needs].filter(([draft]) => !levels.has(draft)).map(([draft, list]) => [draft, list]),
  );
  const waiting = new Map<number, number>();
  for (const list of stuck.values())
    for (const other of list) if (stuck.has(other)) waiting.set(other, (waiting.get(other) ?? 0) + 1);
  const ends = [...stuck.keys()].filter((draft) => (waiting.get(draft) ?? 0) === 0);
  for (let end = ends.pop(); end !== undefined; end = ends.pop()) {
    for (const other of stuck.get(end) ?? []) {
      const left = (waiting.get(other) ?? 0) - 1;
      waiting.set(other, left);
      if (left === 0 && stuck.has(other)) ends.push(other);
    }
    stuck.delete(end);
  }
  return new Set(stuck.keys());
}

function reversed(needs: ReadonlyMap<number, readonly number[]>): Map<number, number[]> {
  const neededBy = new Map<number, number[]>();
  for (const [draft, list] of needs)
    for (const other of list) neededBy.set(other, [...(neededBy.get(other) ?? []), draft]);
  return neededBy;
}

/** Puts creations behind those of their managers. Pure. @param managed drafts whose manager is created in the plan */
export function orderManagers(managed: readonly ManagedDraft[]): ManagerOrder {
  const later = new Set(managed.filter(({ action }) => action === 'RENAME').map(({ draft }) => draft));
  const managers = new Map(
    managed.filter(({ action }) => action === 'CREATE').map(({ draft, manager }) => [draft, manager]),
  );
  const depths = new Map<number, number>();
  for (const draft of managers.keys()) setDepths(draft, managers, depths, later);
  return { depths, later };
}

/** Depths of a user and of all managers above. */
function setDepths(
  start: number,
  managers: ReadonlyMap<number, number>,
  depths: Map<number, number>,
  later: Set<number>,
): void {
  const path: number[] = [];
  const places = new Map<number, number>();
  for (let draft = start; !depths.has(draft); ) {
    const circle = places.get(draft);
    if (circle !== undefined) {
      for (const member of path.splice(circle)) putOnTop(member, depths, later);
      break;
    }
    const manager = managers.get(draft);
    if (manager === undefined) {
      depths.set(draft, 0);
      break;
    }
    places.set(draft, path.length);
    path.push(draft);
    draft = manager;
  }
  for (const draft of path.reverse()) {
    const depth = (depths.get(managers.get(draft) ?? draft) ?? 0) + 1;
    if (depth > MOST_DEPTH) putOnTop(draft, depths, later);
    else depths.set(draft, depth);
  }
}

function putOnTop(draft: number, depths: Map<number, number>, later: Set<number>): void {
  later.add(draft);
  depths.set(draft, 0);
}
