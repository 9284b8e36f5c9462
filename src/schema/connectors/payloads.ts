import type { ConnectStarted } from '../../connectors/connect.ts';
import type { ConnectorRecord } from '../../connectors/connectors.ts';
import { builder } from '../base/builder.ts';
import { ConnectorRef } from '../base/refs.ts';
import { ErrorRef } from '../errors/error.ts';
import type { Failure } from '../errors/failure.ts';

/** What changes of connectors answer with: what there is, or why there is nothing. */
export interface Answered {
  readonly failure?: Failure;
}

interface ConnectorShape extends Answered {
  readonly connector?: ConnectorRecord;
}

export const ConnectorPayload = builder.objectRef<ConnectorShape>('ConnectorPayload').implement({
  description: 'The answer to a change of a connector.',
  fields: (t) => ({
    connector: t.field({
      type: ConnectorRef,
      nullable: true,
      description:
        'The connector after the change. After a deletion as it was, without what Webex has: those fields fail with NOT_FOUND. Null if `error` is set.',
      resolve: ({ connector }) => connector,
    }),
    error: t.field({
      type: ErrorRef,
      nullable: true,
      description: 'Why nothing was changed. Null if the change was made.',
      resolve: ({ failure }) => failure,
    }),
  }),
});

interface ConnectShape extends Answered {
  readonly started?: ConnectStarted;
}

export const ConnectPayload = builder.objectRef<ConnectShape>('ConnectPayload').implement({
  description: 'The start of connecting. An administrator has to approve it next.',
  fields: (t) => ({
    authorizationUrl: t.field({
      type: 'URL',
      nullable: true,
      description:
        'Open this in the browser of an administrator of the Webex organization. Null if `error` is set.',
      resolve: ({ started }) => started?.authorizationUrl,
    }),
    state: t.string({
      nullable: true,
      description:
        'Returned by Webex together with the code. Scripts give both to `completeConnect`. Null if `error` is set.',
      resolve: ({ started }) => started?.state,
    }),
    expiresAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Approve before this time, or start again. Null if `error` is set.',
      resolve: ({ started }) => started?.expiresAt,
    }),
    error: t.field({
      type: ErrorRef,
      nullable: true,
      description: 'Why connecting was not started. Null if it was.',
      resolve: ({ failure }) => failure,
    }),
  }),
});

/** The payload of a change that failed: nothing but why. */
export function failed(failure: Failure): Answered {
  return { failure };
}
