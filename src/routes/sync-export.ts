import type { Context, Hono } from 'hono';
import type { CallerRates } from '../access/caller-rates.ts';
import type { Gatekeeper } from '../access/gatekeeper.ts';
import type { ConnectorRecord, Connectors } from '../connectors/connectors.ts';
import { NotFound } from '../errors/request.ts';
import { isOwnId, readOwnId } from '../schema/base/global-ids.ts';
import { shownItem } from '../schema/sync/shown-item.ts';
import type { ItemWriter, PlanExports } from '../sync/plans/export.ts';
import { csvWriter, markdownWriter } from '../sync/plans/item-writers.ts';
import type { Logger } from '../telemetry/logger.ts';
import { type CallerLimits, limitCallers } from './graphql/caller-limits.ts';
import { authenticate, principalOf } from './guards/authentication.ts';
import type { AppEnvironment } from './request-log.ts';
import { refusal, streamOf } from './sync-answers.ts';

/** What serves exports. */
export interface ExportParts {
  readonly exports: PlanExports;
  readonly connectors: Connectors;
  readonly gatekeeper: Gatekeeper;
  readonly rates: CallerRates;
  readonly limits: CallerLimits;
  readonly logger: Logger;
}

const jsonWriter: ItemWriter = { head: '', write: (item) => `${JSON.stringify(shownItem(item))}\n` };

/**
 * Serves all items of a plan at /sync/plans/ID/items.jsonl, .csv and .md, and what a run did not apply at
 * /sync/runs/ID/failed.csv, to callers with the scope read for the connector. If it fails in the middle, the answer ends
 * without the last chunk.
 */
export function serveSyncExports(app: Hono<AppEnvironment>, parts: ExportParts): void {
  const { exports, connectors, gatekeeper, rates, limits, logger } = parts;
  const callers = limitCallers(limits, rates, (c) => principalOf(c).actor);
  const answer = async (
    c: Context<AppEnvironment>,
    file: string,
    type: string,
    texts: AsyncGenerator<string>,
  ) => {
    // If the database is away, that is answered before anything is.
    const first = await texts.next();
    return c.body(streamOf(bytesOf(first, texts), logger), 200, {
      'Content-Type': type,
      'Content-Disposition': `attachment; filename="${file}"`,
      'Cache-Control': 'no-store',
    });
  };
  const readable = async (c: Context<AppEnvironment>, connectorId: string, kind: 'plan' | 'run') => {
    try {
      const connector = await connectors.get(connectorId);
      principalOf(c).assertMay('read', connector);
      return connector;
    } catch (error) {
      if (error instanceof NotFound) throw new NotFound(kind, c.req.param('id') ?? '');
      throw error;
    }
  };
  const servePlan = (extension: string, type: string, writerFor: WriterFor) => {
    app.get(`/sync/plans/:id/items.${extension}`, authenticate(gatekeeper), callers, async (c) => {
      try {
        const plan = await exports.plan(readId(c, 'SyncPlan'));
        const connector = await readable(c, plan.connector_id, 'plan');
        return await answer(c, `items.${extension}`, type, exports.items(plan, writerFor(plan, connector)));
      } catch (error) {
        return refusal(c, error);
      }
    });
  };
  servePlan('jsonl', 'application/x-ndjson', () => jsonWriter);
  servePlan('csv', 'text/csv; charset=utf-8', () => csvWriter);
  servePlan('md', 'text/markdown; charset=utf-8', (plan, { name }) => markdownWriter(plan, name));
  app.get('/sync/runs/:id/failed.csv', authenticate(gatekeeper), callers, async (c) => {
    try {
      const run = await exports.run(readId(c, 'SyncRun'));
      await readable(c, run.connector_id, 'run');
      const { actor } = principalOf(c);
      const reader = { actor, isAdmin: principalOf(c).holdsEverywhere('admin') };
      const rows = exports.failed(run, reader, c.req.raw.signal);
      return await answer(c, 'failed.csv', 'text/csv; charset=utf-8', rows);
    } catch (error) {
      return refusal(c, error);
    }
  });
}

type WriterFor = (plan: Parameters<typeof markdownWriter>[0], connector: ConnectorRecord) => ItemWriter;

/** The id in the path: global, or bare as in the links of a plan. Throws InvalidInput. */
function readId(c: Context<AppEnvironment>, type: 'SyncPlan' | 'SyncRun'): string {
  const text = c.req.param('id') ?? '';
  return isOwnId(text) ? text : readOwnId(text, type, 'id');
}

async function* bytesOf(
  first: IteratorResult<string>,
  rest: AsyncGenerator<string>,
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  try {
    if (first.done === true) return;
    yield encoder.encode(first.value);
    for await (const text of rest) yield encoder.encode(text);
  } finally {
    await rest.return(undefined);
  }
}
