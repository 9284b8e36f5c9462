import type { World } from './world.ts';

/** Why a mutation of synchronization did nothing. */
export interface SyncError {
  readonly __typename: string;
  readonly code: string;
  readonly message: string;
  readonly problems?: readonly { readonly path: string; readonly message: string }[];
}

export interface Plan {
  readonly id: string;
  readonly state: string;
  readonly digest: string | null;
}

export interface Run {
  readonly id: string;
  readonly state: string;
  readonly settled: number;
  readonly total: number;
}

/** What the mutations of plans and runs answer with. */
export interface SyncAnswer {
  readonly plan?: Plan | null;
  readonly run?: Run | null;
  readonly error: SyncError | null;
}

const PLAN = 'plan { id state digest }';
const RUN = 'run { id state settled total }';
const ANSWERS: Readonly<Record<string, string>> = {
  planSync: PLAN,
  approveSync: PLAN,
  applySync: RUN,
  cancelSync: `${PLAN} ${RUN}`,
  pauseSync: RUN,
  resumeSync: RUN,
};

/** Sends a mutation of plans or runs. Without `headers` as the world's administrator. */
export async function synchronize(
  world: World,
  mutation: keyof typeof ANSWERS & string,
  input: object,
  headers: Readonly<Record<string, string>> = world.administrator,
): Promise<SyncAnswer> {
  const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input!`;
  const query = `mutation ($input: ${type}) { answer: ${mutation}(input: $input) {
    ${ANSWERS[mutation]} error { __typename code message ... on InvalidInput { problems { path message } } }
  } }`;
  const { data, errors } = await world.query<{ answer: SyncAnswer }>(
    query,
    { input },
    { headers: { 'content-type': 'application/json', ...headers } },
  );
  if (data === null) throw new Error(`Unexpected: ${JSON.stringify(errors)}`);
  return data.answer;
}

/** One event of a stream: an answer to the operation. */
export interface StreamEvent<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
}

export interface StreamOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Of a document with several operations. */
  readonly operationName?: string;
}

/** Begins a subscription. */
export function openStream(
  world: World,
  query: string,
  variables: object,
  { headers = world.administrator, signal, operationName }: StreamOptions = {},
): Promise<Response> {
  return Promise.resolve(
    world.gateway.fetch(
      new Request('http://gateway.test/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
        body: JSON.stringify({ query, variables, operationName }),
        ...(signal === undefined ? {} : { signal }),
      }),
    ),
  );
}

/** The events of a stream as they come, until it is complete. */
export async function* eventsOf<Data>({ body }: Response): AsyncGenerator<StreamEvent<Data>, void, void> {
  if (body === null) return;
  let text = '';
  for await (const part of body.pipeThrough(new TextDecoderStream())) {
    text += part;
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const data = /^event: next\ndata: (.*)$/s.exec(text.slice(0, end))?.[1];
      text = text.slice(end + 2);
      if (data !== undefined) yield JSON.parse(data);
    }
  }
}

/** Resolves when a plan is made, with what came of it. */
export function untilMade(world: World, id: string): Promise<Plan> {
  return lastOf(world, 'subscription ($id: ID!) { last: syncPlan(id: $id) { id state digest } }', id);
}

/** Resolves when a run has ended. */
export function untilEnded(world: World, id: string): Promise<Run> {
  return lastOf(world, 'subscription ($id: ID!) { last: syncRun(id: $id) { id state settled total } }', id);
}

async function lastOf<State>(world: World, query: string, id: string): Promise<State> {
  let last: State | undefined;
  for await (const { data, errors } of eventsOf<{ last: State }>(await openStream(world, query, { id }))) {
    if (data == null) throw new Error(`Unexpected: ${JSON.stringify(errors)}`);
    last = data.last;
  }
  if (last === undefined) throw new Error('A stream ended without an event.');
  return last;
}

/** Asks for a plan and waits until it is made. */
export async function makePlan(world: World, input: object): Promise<Plan> {
  const { plan, error } = await synchronize(world, 'planSync', { connector: world.connectorId, ...input });
  if (plan == null) throw new Error(`Unexpected: ${error?.code}: ${error?.message}`);
  return untilMade(world, plan.id);
}
