import type { Context } from '../base/context.ts';

/** The context of a request, of which Pothos knows only that it is an object. Throws for any other object. */
export function contextOf(context: object): Context {
  if (isContext(context)) return context;
  throw new Error('A field was resolved without the context of a request.');
}

function isContext(context: object): context is Context {
  return 'caller' in context;
}
