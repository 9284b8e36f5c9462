import {
  type DocumentNode,
  GraphQLError,
  Lexer,
  NoSchemaIntrospectionCustomRule,
  Source,
  TokenKind,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { RequestTooComplex } from '../../errors/limits.ts';
import { ShortTextsRule } from '../../schema/execution/text-limits.ts';
import { assertSmall } from './document-size.ts';
import { LruCache } from './lru-cache.ts';

/** In characters: of one document, and of all that are kept parsed, text and parsed form together. */
const LONGEST_DOCUMENT = 262_144;
const MOST_KEPT = 500_000;
const MOST_TOKENS = 5_000;
const DEEPEST_NESTING = 100;
/** In characters. An alias stands in the answer as often as its field, and errors repeat what is wrong. */
const LONGEST_NAME = 200;
/** Nobody fixes more at once, and each costs time to format. */
const MOST_ERRORS = 20;
/** In characters. GraphQL's own errors repeat what a client has sent. */
const LONGEST_MESSAGE = 2_000;

/**
 * Refuses what is very long, deep or wide: by its text before the parser sees it, whose recursion would not
 * survive it, and by what it holds before it is validated, which takes more than time in proportion.
 */
export function limitDocuments(): Plugin {
  return {
    onParse: ({ params, setParseFn, parseFn }) => {
      const source = typeof params.source === 'string' ? params.source : params.source.body;
      if (source.length > LONGEST_DOCUMENT)
        throw asRefused(new RequestTooComplex('characters', LONGEST_DOCUMENT));
      setParseFn((text, options) => {
        const problem = findUnreadable(source);
        if (problem !== undefined) throw unreadable(problem);
        const document = parseFn(text, { ...options, maxTokens: MOST_TOKENS });
        try {
          assertSmall(document);
        } catch (error) {
          throw error instanceof RequestTooComplex ? asRefused(error) : error;
        }
        return document;
      });
    },
  };
}

/**
 * Bounds what validation may take and what errors say, and keeps the schema to itself where introspection is off.
 * @param introspection whether clients may ask for the schema
 */
export function limitValidation(introspection: boolean): Plugin {
  return {
    onValidate: ({ addValidationRule, setValidationFn, validateFn }) => {
      if (!introspection) addValidationRule(NoSchemaIntrospectionCustomRule);
      addValidationRule(ShortTextsRule);
      setValidationFn((schema, document, rules) =>
        validateFn(schema, document, rules, { maxErrors: MOST_ERRORS, hideSuggestions: !introspection }),
      );
    },
    onResultProcess: ({ result, setResult }) => {
      if (Array.isArray(result) || Symbol.asyncIterator in result || result.errors === undefined) return;
      const errors = result.errors.map((error) => {
        const message = introspection ? error.message : cutSuggestions(error.message);
        return withMessage(error, message.slice(0, LONGEST_MESSAGE));
      });
      setResult({ ...result, errors });
    },
  };
}

function withMessage(error: GraphQLError, message: string): GraphQLError {
  if (message === error.message) return error;
  const { path, nodes, source, positions, extensions } = error;
  return new GraphQLError(message, { path, nodes, source, positions, extensions });
}

const SUGGESTION = ' Did you mean ';

/**
 * Variables are read elsewhere than the document is validated, and that place has suggestions of its own.
 * @returns the text without what graphql-js suggests, up to the question mark of each suggestion
 */
function cutSuggestions(text: string): string {
  let kept = '';
  let from = 0;
  for (let at = text.indexOf(SUGGESTION); at !== -1; at = text.indexOf(SUGGESTION, from)) {
    const end = text.indexOf('?', at);
    if (end === -1) break;
    kept += text.slice(from, at);
    from = end + 1;
  }
  return kept + text.slice(from);
}

/** What Yoga keeps of documents that it has parsed, or found to be none: as much as fits, by their text. */
export function documentCaches() {
  return { documentCache: sized<DocumentNode>(), errorCache: sized<unknown>() };
}

function sized<Value>() {
  const kept = new LruCache<Value>(MOST_KEPT);
  return {
    get: (text: string) => kept.get(text),
    set: (text: string, value: Value) => kept.set(text, value, text.length),
  };
}

/** As a query that is not valid is answered: by the status too, unless the client takes plain JSON. */
function asRefused(error: RequestTooComplex): GraphQLError {
  return new GraphQLError(error.message, {
    originalError: error,
    extensions: { http: { status: 400, spec: true } },
  });
}

function unreadable(problem: string): GraphQLError {
  return new GraphQLError(`Syntax Error: ${problem}`, { extensions: { code: 'GRAPHQL_PARSE_FAILED' } });
}

const MEASURED = new Set<TokenKind>([TokenKind.NAME, TokenKind.INT, TokenKind.FLOAT]);

/** What the text has too much of: open brackets, or letters in a name or number. What is no GraphQL, or too long, the parser says. */
function findUnreadable(text: string): string | undefined {
  const lexer = new Lexer(new Source(text));
  let open = 0;
  try {
    for (let count = 0; count <= MOST_TOKENS; count += 1) {
      const { kind, start, end } = lexer.advance();
      if (MEASURED.has(kind) && end - start > LONGEST_NAME) {
        return `A name or number has more than ${LONGEST_NAME} characters.`;
      }
      if (OPENING.has(kind)) open += 1;
      else if (CLOSING.has(kind)) open -= 1;
      if (open > DEEPEST_NESTING) return `The document is nested more than ${DEEPEST_NESTING} levels deep.`;
      if (kind === TokenKind.EOF) return undefined;
    }
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
  }
  return undefined;
}

const OPENING = new Set<TokenKind>([TokenKind.BRACE_L, TokenKind.PAREN_L, TokenKind.BRACKET_L]);
const CLOSING = new Set<TokenKind>([TokenKind.BRACE_R, TokenKind.PAREN_R, TokenKind.BRACKET_R]);
