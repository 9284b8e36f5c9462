import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';

const MOST_TOKENS = 5_000;
const DEEPEST_NESTING = 100;

/** Refuses what is very long or very deep before the parser sees it, whose recursion would not survive it. */
export function limitDocuments(): Plugin {
  return {
    onParse: ({ params, parseFn, setParseFn }) => {
      setParseFn((source, options) => parseFn(source, { ...options, maxTokens: MOST_TOKENS }));
      const source = typeof params.source === 'string' ? params.source : params.source.body;
      if (nestingOf(source) > DEEPEST_NESTING) {
        throw new GraphQLError(
          `Syntax Error: The document is nested more than ${DEEPEST_NESTING} levels deep.`,
          {
            extensions: { code: 'GRAPHQL_PARSE_FAILED' },
          },
        );
      }
    },
  };
}

const STRINGS_AND_COMMENTS = /"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"|#[^\n]*/g;

/** How many brackets are open at once, at most. */
function nestingOf(source: string): number {
  let open = 0;
  let deepest = 0;
  for (const [bracket] of source.replace(STRINGS_AND_COMMENTS, '').matchAll(/[{}()[\]]/g)) {
    open += '{(['.includes(bracket) ? 1 : -1;
    deepest = Math.max(deepest, open);
  }
  return deepest;
}
