import { STATUS_CODES } from 'node:http';
import type { Refusal } from '../../http/errors.ts';
import { PolicyFailure } from './policy-failure.ts';

/**
 * The body of an error. Its message is escaped for HTML; answers of the administration of environments have no reason.
 */
export function errorBody(refusal: Refusal, isEscaped: boolean, isEnvironment: boolean): object {
  const { status, message } = refusal;
  const reason = isEnvironment ? {} : { reason: STATUS_CODES[status] ?? 'Error' };
  const detail = refusal instanceof PolicyFailure ? { detail: refusal.detail } : {};
  return { code: status, ...reason, message: isEscaped ? escaped(message) : message, ...detail };
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
  '=': '&#61;',
  '+': '&#43;',
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"'=+]/g, (char) => ENTITIES[char] ?? char);
}
