import { type GraphQLSchema, getOperationAST } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import type { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { createErrorTranslator } from '../schema/client-errors.ts';
import { type Context, createContext, type Services } from '../schema/context.ts';
import type { Logger } from '../telemetry/logger.ts';
import { limitDocuments } from './document-limits.ts';
import type { AppEnvironment, RequestNotes } from './request-log.ts';

const LARGEST_BODY = 1024 * 1024;
const JSON_TYPES = /^application\/(graphql-response\+)?json\s*(;|$)/i;

interface ServerContext {
  readonly context: Context;
  readonly notes: RequestNotes;
}

/** Serves GraphQL over HTTP at /graphql. */
export function serveGraphql(
  app: Hono<AppEnvironment>,
  schema: GraphQLSchema,
  services: Services,
  logger: Logger,
): void {
  const yoga = createYoga<ServerContext, Context>({
    schema,
    graphqlEndpoint: '/graphql',
    graphiql: false,
    landingPage: false,
    cors: false,
    multipart: false,
    batching: false,
    logging: false,
    maskedErrors: { maskError: createErrorTranslator(logger) },
    context: ({ context }) => context,
    plugins: [limitDocuments(), takeNotes()],
  });
  const tooLarge = bodyLimit({
    maxSize: LARGEST_BODY,
    onError: (c) =>
      c.json(refusal('BODY_TOO_LARGE', `The request is larger than ${LARGEST_BODY} bytes.`), 413),
  });
  app.all('/graphql', tooLarge, async (c) => {
    // A page can post a form to us without asking first; JSON it cannot.
    if (c.req.method === 'POST' && !JSON_TYPES.test(c.req.header('content-type') ?? '')) {
      return c.json(refusal('UNSUPPORTED_MEDIA_TYPE', 'Send the query as application/json.'), 415);
    }
    const { notes } = c.var;
    const { signal } = c.req.raw;
    const context = createContext(services, { signal, meter: notes.meter });
    const answer = Promise.resolve(yoga.fetch(c.req.raw, { context, notes }));
    return Promise.race([answer.catch(unlessGone(signal)), whenGone(signal)]);
  });
}

/** What nobody reads, but the log shows: the client went away. */
const gone = () => new Response(null, { status: 499 });

/** Yoga may never answer for a client that went away, and its line in the log would be missing. */
function whenGone(signal: AbortSignal): Promise<Response> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(gone()), { once: true });
  });
}

/** Takes a failure for what it is, unless it comes of the client having gone. */
function unlessGone(signal: AbortSignal): (error: unknown) => Response {
  return (error) => {
    if (signal.aborted) return gone();
    throw error;
  };
}

function refusal(code: string, message: string) {
  return { errors: [{ message, extensions: { code } }] };
}

/** Puts down the operation's name and the codes of its errors, for the log line. */
function takeNotes(): Plugin<ServerContext, ServerContext> {
  return {
    onExecute: ({ args }) => {
      args.contextValue.notes.operation = getOperationAST(args.document, args.operationName)?.name?.value;
    },
    onExecutionResult: ({ result, context }) => {
      if (result === undefined || !('errors' in result)) return;
      context.notes.errorCodes = result.errors?.map((error) => String(error.extensions?.code ?? 'INTERNAL'));
    },
  };
}
