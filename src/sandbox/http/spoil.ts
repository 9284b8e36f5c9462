import type { Fault } from '../faults.ts';
import { Refusal } from './errors.ts';
import type { Answer, Call } from './exchange.ts';

/** The answer that a fault gives instead of handling the request; undefined when it lets it through. */
export function answerInstead(fault: Fault | undefined): Answer | undefined {
  if (fault?.kind === 'html') {
    return {
      status: fault.status,
      headers: { 'content-type': 'text/html' },
      body: `<html><head><title>${fault.status}</title></head><body><h1>Gateway</h1></body></html>`,
    };
  }
  if (fault?.kind === 'status' && fault.applied !== true) return statusAnswer(fault);
  return undefined;
}

/** The answer that a fault makes of the true one. */
export function spoil(answer: Answer, fault: Fault | undefined, call: Call): Answer {
  switch (fault?.kind) {
    case 'status':
      return statusAnswer(fault);
    case 'broken-json':
      return { ...answer, status: 200, body: fault.body ?? half(answer.body ?? '{}') };
    case 'altered':
      return answer.body === undefined ? answer : { ...answer, body: altered(answer.body, fault.alter) };
    case 'empty-page':
      // Back to the same page, so that a client that follows the link misses nobody.
      return { ...answer, body: emptied(answer.body ?? '{}'), next: selfAddress(call) };
    case 'next-link':
      return spoilLink(answer, fault, call);
    default:
      return answer;
  }
}

function altered(body: string, alter: Extract<Fault, { kind: 'altered' }>['alter']): string {
  const changed: Record<string, unknown> = { ...JSON.parse(body) };
  alter(changed);
  return JSON.stringify(changed);
}

/** The first half of a text. */
function half(text: string): string {
  return text.slice(0, Math.ceil(text.length / 2));
}

function statusAnswer(fault: Extract<Fault, { kind: 'status' }>): Answer {
  const { retryAfter } = fault;
  const headers: Record<string, string> = { ...fault.headers };
  if (retryAfter !== undefined) {
    headers['retry-after'] = retryAfter instanceof Date ? retryAfter.toUTCString() : String(retryAfter);
  }
  if (fault.body !== undefined) return { status: fault.status, headers, body: fault.body };
  const details = fault.errorCode === undefined ? { headers } : { headers, errorCode: fault.errorCode };
  throw new Refusal(fault.status, fault.message ?? `The sandbox was asked for a ${fault.status}.`, details);
}

function spoilLink(answer: Answer, fault: Extract<Fault, { kind: 'next-link' }>, call: Call): Answer {
  if (fault.how === 'looping') return { ...answer, next: selfAddress(call) };
  const { next, ...rest } = answer;
  if (fault.how !== 'foreign') return rest;
  const address = new URL(next ?? selfAddress(call));
  return { ...rest, next: new URL(address.pathname + address.search, fault.origin).href };
}

function selfAddress(call: Call): string {
  const query = call.query.toString();
  return `${call.origin}${call.path}${query === '' ? '' : `?${query}`}`;
}

function emptied(body: string): string {
  return JSON.stringify(JSON.parse(body), (key, value: unknown) =>
    Array.isArray(value) && key !== 'schemas' ? [] : value,
  );
}
