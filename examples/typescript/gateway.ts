import { initGraphQLTada, type TadaDocumentNode } from 'gql.tada';
import { print } from 'graphql';
import type { introspection } from './schema.d.ts';

/** Queries written with this are checked against the gateway's schema while you type, and so are their answers. */
export const graphql = initGraphQLTada<{
  introspection: introspection;
  scalars: { DateTime: string; EmailAddress: string; URL: string; JSON: unknown };
}>();

const { GATEWAY = 'http://localhost:4000', GATEWAY_KEY } = process.env;

/**
 * Sends a query or a mutation and returns its data.
 * @param key lets a mutation be sent again, where its answer is lost, without being done twice
 * Throws an error with the messages of the gateway.
 */
export async function ask<Data, Variables>(
  document: TadaDocumentNode<Data, Variables>,
  variables: Variables,
  key?: string,
): Promise<Data> {
  const send = () => post({ query: print(document), variables }, key);
  // Without a key, who knows what a second request would do.
  const response = await (key === undefined ? send() : send().catch(send).catch(send));
  const answer: { data: Data; errors?: { message: string }[] } = JSON.parse(await response.text());
  if (answer.errors !== undefined) throw new Error(answer.errors.map(({ message }) => message).join('\n'));
  return answer.data;
}

function post(body: object, key: string | undefined): Promise<Response> {
  return fetch(`${GATEWAY}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(GATEWAY_KEY === undefined ? {} : { authorization: `Bearer ${GATEWAY_KEY}` }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    body: JSON.stringify(body),
  });
}
