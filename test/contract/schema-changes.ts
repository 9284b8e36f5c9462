import {
  type ASTNode,
  type ASTVisitor,
  buildASTSchema,
  type DocumentNode,
  findBreakingChanges,
  Kind,
  parse,
  visit,
} from 'graphql';
import { asStrict } from '../../src/schema/sdl.ts';

/** What a schema promised to clients. */
export interface Released {
  readonly sdl: string;
  /** ISO 8601. */
  readonly date: string;
}

/** Days from the release that deprecates something to its removal. */
const DAYS_OF_NOTICE = 180;
const DAY_MS = 86_400_000;
const REASON = /^Use .+\. Gone after (\d{4}-\d{2}-\d{2})\.$/;

/**
 * What breaks clients of the released schema, in words; a removal that was announced and is due does not. A field that
 * is no longer marked `@semanticNonNull` breaks clients that treat it as non-null.
 * @param unreleased names of types that may still change
 */
export function breakingChanges(
  released: string,
  current: string,
  { unreleased = [], today }: { readonly unreleased?: readonly string[]; readonly today: string },
): string[] {
  const before = visit(
    parse(released),
    dropping((reason) => (goneAfter(reason) ?? today) < today),
  );
  const after = parse(current);
  const found = [
    [before, after],
    [asStrict(before), asStrict(after)],
  ].flatMap(([old, now]) => (old === undefined || now === undefined ? [] : changesBetween(old, now)));
  return [...new Set(found)].filter(
    (change) => !unreleased.some((name) => new RegExp(`\\b${name}\\b`).test(change)),
  );
}

/** Deprecations that do not say what to use instead and until when they stay, or that stay for too short a time. */
export function badDeprecations(current: string, released: Released): string[] {
  const known = new Set(deprecationsIn(parse(released.sdl)));
  const earliest = new Date(Date.parse(released.date) + DAYS_OF_NOTICE * DAY_MS).toISOString().slice(0, 10);
  return deprecationsIn(parse(current)).filter((reason) => {
    const date = goneAfter(reason);
    return date === undefined || (!known.has(reason) && date < earliest);
  });
}

function changesBetween(before: DocumentNode, after: DocumentNode): string[] {
  const changes = findBreakingChanges(buildASTSchema(before), buildASTSchema(after));
  return changes.map(({ description }) => description);
}

function deprecationsIn(document: DocumentNode): string[] {
  const reasons: string[] = [];
  const noting = (reason: string) => {
    reasons.push(reason);
    return false;
  };
  visit(document, dropping(noting));
  return reasons;
}

/** The day after which a deprecated element may go; undefined if its reason does not say. */
function goneAfter(reason: string): string | undefined {
  return REASON.exec(reason)?.[1];
}

/** Drops deprecated elements by their reason. */
function dropping(isDropped: (reason: string) => boolean): ASTVisitor {
  const visitor = (node: ASTNode) => {
    const directives = 'directives' in node ? node.directives : undefined;
    const directive = directives?.find(({ name }) => name.value === 'deprecated');
    const reason = directive?.arguments?.[0]?.value;
    if (directive === undefined) return undefined;
    return isDropped(reason?.kind === Kind.STRING ? reason.value : '') ? null : undefined;
  };
  return { FieldDefinition: visitor, EnumValueDefinition: visitor, InputValueDefinition: visitor };
}
