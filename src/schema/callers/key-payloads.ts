import type { ApiKeyRecord, CreatedKey } from '../../access/api-keys.ts';
import { builder } from '../base/builder.ts';
import { ErrorRef } from '../errors/error.ts';
import type { Failure } from '../errors/failure.ts';
import { ApiKeyRef } from './api-key.ts';

interface KeyShape {
  readonly created?: CreatedKey;
  readonly failure?: Failure;
}

export const CreateApiKeyPayload = builder.objectRef<KeyShape>('CreateApiKeyPayload').implement({
  description: 'The answer to the creation of an API key.',
  fields: (t) => ({
    apiKey: t.field({
      type: ApiKeyRef,
      nullable: true,
      description: 'The API key, without the key itself. Null if `error` is set.',
      resolve: ({ created }) => created?.record,
    }),
    key: t.string({
      nullable: true,
      description: 'The key. It is shown only once, so store it now. Null if `error` is set.',
      resolve: ({ created }) => created?.key,
    }),
    error: t.field({
      type: ErrorRef,
      nullable: true,
      description: 'Why no key was created. Null if one was.',
      resolve: ({ failure }) => failure,
    }),
  }),
});

interface RevokedShape {
  readonly apiKey?: ApiKeyRecord;
  readonly failure?: Failure;
}

export const ApiKeyPayload = builder.objectRef<RevokedShape>('ApiKeyPayload').implement({
  description: 'The answer to a change of an API key.',
  fields: (t) => ({
    apiKey: t.field({
      type: ApiKeyRef,
      nullable: true,
      description: 'The API key after the change. Null if `error` is set.',
      resolve: ({ apiKey }) => apiKey,
    }),
    error: t.field({
      type: ErrorRef,
      nullable: true,
      description: 'Why nothing was changed. Null if the change was made.',
      resolve: ({ failure }) => failure,
    }),
  }),
});

/** What a change of API keys answers with that failed. */
export const failed = (failure: Failure) => ({ failure });
