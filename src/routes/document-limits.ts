import {
  type DocumentNode,
  GraphQLError,
  Lexer,
  NoSchemaIntrospectionCustomRule,
  Source,
  TokenKind,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { RequestTooComplex } from '../errors.ts';
import { ShortTextsRule } from '../schema/text-limits.ts';
import { assertSmall } from './document-size.ts';
import { SizedCache } from './sized-cache.ts';

/** In characters: of one document, and of all that are kept parsed, text and parsed form together. */
const LONGEST_DOCUMENT = 262_144;
const MOST_KEPT = 500_000;
const MOST_TOKENS = 5_000;
const DEEPEST_NESTING = 100;
/** Nobody mends more at once, and each takes time to word. */
const MOST_ERRORS = 20;

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
        if (isTooDeep(source)) throw tooDeep();
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
 * Bounds what validation may take, and keeps the schema to itself where introspection is off.
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
      if (introspection || Array.isArray(result) || Symbol.asyncIterator in result) return;
      if (result.errors !== undefined) setResult({ ...result, errors: result.errors.map(withoutSuggestion) });
    },
  };
}

/** Variables are read elsewhere than the document is validated, and that place has suggestions of its own. */
function withoutSuggestion(error: GraphQLError): GraphQLError {
  const message = cutSuggestions(error.message);
  if (message === error.message) return error;
  return new GraphQLError(message, { path: error.path, nodes: error.nodes, extensions: error.extensions });
}

const SUGGESTION = ' Did you mean ';

/** The text without what graphql-js suggests, up to the question mark of each suggestion. */
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
  const kept = new SizedCache<Value>(MOST_KEPT);
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

function tooDeep(): GraphQLError {
  const message = `Syntax Error: The document is nested more than ${DEEPEST_NESTING} levels deep.`;
  return new GraphQLError(message, { extensions: { code: 'GRAPHQL_PARSE_FAILED' } });
}

/** Whether more brackets are open at once than may be. What is no GraphQL, or too long, the parser says. */
function isTooDeep(text: string): boolean {
  const lexer = new Lexer(new Source(text));
  let open = 0;
  try {
    for (let count = 0; count <= MOST_TOKENS; count += 1) {
      const { kind } = lexer.advance();
      if (OPENING.has(kind)) open += 1;
      else if (CLOSING.has(kind)) open -= 1;
      if (open > DEEPEST_NESTING) return true;
      if (kind === TokenKind.EOF) return false;
    }
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
  }
  return false;
}

const OPENING = new Set<TokenKind>([TokenKind.BRACE_L, TokenKind.PAREN_L, TokenKind.BRACKET_L]);
const CLOSING = new Set<TokenKind>([TokenKind.BRACE_R, TokenKind.PAREN_R, TokenKind.BRACKET_R]);
