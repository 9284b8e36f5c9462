import { setTimeout as pause } from 'node:timers/promises';
import { Refusal } from '../../http/errors.ts';
import { type Answer, json } from '../../http/exchange.ts';
import type { AuthorizedCall } from '../http/endpoint.ts';
import type { Collection, Stored } from '../objects/tenant.ts';
import { isRelationship } from '../objects/types.ts';
import { matches, pointersOf } from '../query/evaluate.ts';
import { type Filter, parseFilter } from '../query/filter.ts';
import { pageOf, type Row, readPage, sorted } from '../query/page.ts';
import { assertSortable, metaRow, readFields, valuesOf, view } from '../query/view.ts';
import type { World } from '../world.ts';
import { collectionOf } from './found.ts';

/** What an unindexed filter takes for each record. */
const MS_PER_RECORD = 0.1;

/** A page of a collection. */
export async function queryCollection(call: AuthorizedCall, world: World): Promise<Answer> {
  const { type = '' } = call.params;
  if (/^(alpha|bravo)_usermeta$/.test(type)) return pageAnswer(call, world, metaRows(call, world));
  if (type === 'svcacct' || type === 'teammember') throw new Refusal(403, 'Access denied');
  const collection = collectionOf(call, world);
  const filter = filterOf(call, world);
  assertKnown(filter, collection, world);
  const all = world.tenant.all(collection);
  await costOfIndex(filter, collection, all.length, world);
  const fields = readFields(call.query);
  const rows = all.flatMap((stored) => rowOf(world, collection, stored, filter, fields));
  for (const key of sortKeys(call.query))
    assertSortable(collection, key.replace(/^[-+ ]/, '').split('/'), world.settings.sortByRelationship);
  return pageAnswer(call, world, rows);
}

function rowOf(
  { tenant }: World,
  collection: Collection,
  stored: Stored,
  filter: Filter,
  fields: ReturnType<typeof readFields>,
): Row[] {
  const values = valuesOf(tenant, collection, stored);
  if (!matches(filter, values)) return [];
  return [{ values, show: () => view(tenant, collection, stored, fields) }];
}

/** The side table of users: a row each, that holds its dates and not its name. */
function metaRows(call: AuthorizedCall, world: World): Row[] {
  const { tenant } = world;
  const filter = filterOf(call, world);
  const users = tenant.collection((call.params.type ?? '').replace('usermeta', 'user'));
  if (users === undefined) throw new Refusal(404, 'Not Found');
  return tenant.all(users).flatMap((stored) => {
    const values = metaRow(tenant, stored);
    return matches(filter, values) ? [{ values, show: () => values }] : [];
  });
}

/** The page of some records, by the parameters of a call. */
export function pageAnswer(call: AuthorizedCall, world: World, rows: readonly Row[]): Answer {
  const { settings, clock, random } = world;
  const { query } = call;
  const context = {
    now: clock.now(),
    query: ['_queryFilter', '_sortKeys', '_pageSize'].map((name) => query.get(name)).join(' '),
  };
  const page = readPage(query, settings, context);
  const keys = sortKeys(query);
  // A cursor of the directory keeps its order; an offset runs the query again.
  const isAnyOrder = page.size === undefined || query.has('_pagedResultsOffset');
  const isShuffled = keys.length === 0 && isAnyOrder && settings.orderWithoutSort === 'shuffledPerRequest';
  const ordered = isShuffled
    ? rows
        .map((row) => ({ row, at: random.next() }))
        .toSorted((one, other) => one.at - other.at)
        .map(({ row }) => row)
    : sorted(rows, keys);
  return json(200, pageOf(ordered, page, settings, context));
}

function sortKeys(query: URLSearchParams): string[] {
  return (query.get('_sortKeys') ?? '').split(',').filter((key) => key !== '');
}

/** The filter of a query, or what stands for one. Throws 400 Refusals. */
export function filterOf({ query }: AuthorizedCall, { settings }: World): Filter {
  const text = query.get('_queryFilter');
  const id = query.get('_queryId');
  if (text !== null && id !== null) throw new Refusal(400, 'Cannot use both _queryFilter and _queryId');
  if (text !== null) return parseFilter(text, settings);
  if (id === 'query-all' || id === 'query-all-ids') return { kind: 'constant', value: true };
  if (id === 'for-userName')
    return { kind: 'compare', pointer: ['userName'], operator: 'eq', value: query.get('uid') ?? '' };
  if (id === 'get-by-field-value')
    return {
      kind: 'compare',
      pointer: [query.get('field') ?? ''],
      operator: 'eq',
      value: query.get('value') ?? '',
    };
  throw new Refusal(400, 'The request has neither _queryFilter nor a known _queryId');
}

function assertKnown(filter: Filter, { type }: Collection, { settings }: World): void {
  if (settings.unknownFilterField === 'zeroRows') return;
  for (const [name = ''] of pointersOf(filter))
    if (!name.startsWith('_') && !Object.hasOwn(type.properties, name))
      throw new Refusal(400, `The field '${name}' is unknown`);
}

async function costOfIndex(
  filter: Filter,
  { type }: Collection,
  count: number,
  { settings }: World,
): Promise<void> {
  if (settings.unindexedFilter === 'ok') return;
  const isUnindexed = pointersOf(filter).some(([name = '']) => {
    const property = type.properties[name];
    if (isRelationship(property) || name.startsWith('_')) return false;
    return property === undefined ? name.startsWith('custom_') : property.isIndexed !== true;
  });
  if (!isUnindexed) return;
  if (settings.unindexedFilter === '403') throw new Refusal(403, 'Access denied');
  if (settings.unindexedFilter === '500') throw new Refusal(500, 'Unindexed search');
  await pause(MS_PER_RECORD * count, undefined, { ref: false });
}
