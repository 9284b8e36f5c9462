import type { GraphQLResolveInfo } from 'graphql';
import type { ConnectorRecord } from '../../connectors/connectors.ts';
import { connectionChanges } from '../../connectors/shown-changes.ts';
import { NotFound } from '../../errors/request.ts';
import type { ConfigurationChange, FieldChange } from '../../provisioning/changes/audit-trail.ts';
import type { Context } from '../base/context.ts';

/** What of the gateway's own is changed. */
export type ConfigurationSubject = Pick<ConfigurationChange, 'connector' | 'target'>;

/** What came of a change of the configuration. */
interface Made<Result> {
  readonly result: Result;
  /** What has changed; holds no secret. */
  readonly changes: readonly FieldChange[];
  /** What it is about, if that was not known before. */
  readonly subject?: ConfigurationSubject;
}

/** A connector that there is, as the subject of a change. */
export function aboutConnector({ id, name }: ConnectorRecord): ConfigurationSubject {
  return { connector: { id, name }, target: { type: 'Connector', id, name } };
}

/**
 * Makes a change of the configuration and records it, or why it was not made. A change of something that does not exist
 * for the caller is not recorded.
 * @param subject what is asked to be changed
 * @param madeInPart tells after a failure what has changed all the same
 * Throws what `make` throws.
 */
export async function recorded<Result>(
  context: Context,
  info: GraphQLResolveInfo,
  subject: ConfigurationSubject,
  make: () => Promise<Made<Result>>,
  madeInPart: () => Promise<readonly FieldChange[]> = () => Promise.resolve([]),
): Promise<Result> {
  try {
    const made = await make();
    await note(context, info, made.subject ?? subject, made.changes);
    return made.result;
  } catch (error) {
    if (!(error instanceof NotFound)) {
      await note(context, info, subject, await madeInPart(), error);
    }
    throw error;
  }
}

/** As `recorded`, for what connects a connector, or ends that; forgets what this request knew of it. */
export async function recordedConnection<Result>(
  context: Context,
  info: GraphQLResolveInfo,
  connector: ConnectorRecord,
  make: () => Promise<Result>,
): Promise<Result> {
  const before = await context.grant(connector);
  const changes = async () => {
    context.forget(connector.id);
    return connectionChanges(before, await context.grant(connector).catch(() => before));
  };
  const subject = aboutConnector(connector);
  const makeAndLook = async () => ({ result: await make(), changes: await changes() });
  return recorded(context, info, subject, makeAndLook, changes);
}

/** Records a change of the configuration, or the error for which it was not made. */
export function note(
  { caller, provisioning }: Context,
  { fieldName }: GraphQLResolveInfo,
  subject: ConfigurationSubject,
  changes: readonly FieldChange[],
  error?: unknown,
): Promise<void> {
  const { principal, requestId, idempotencyKey } = caller;
  return provisioning.audit.configured({
    ...subject,
    ...{ operation: fieldName, actor: principal.actor, requestId, idempotencyKey, changes, error },
  });
}
