import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { Fault } from '../faults.ts';
import type { Answer } from './exchange.ts';

/**
 * Writes an answer to the connection, or cuts or stalls it where a fault wants that.
 * @returns the status sent; undefined when the connection was cut before
 */
export function deliver(
  outgoing: ServerResponse,
  answer: Answer,
  fault: Fault | undefined,
): number | undefined {
  const body = Buffer.from(answer.body ?? '', 'utf8');
  const headers: Record<string, string | number | string[]> = {};
  if (answer.body !== undefined) headers['content-type'] = 'application/json;charset=UTF-8';
  if (answer.status !== 204) headers['content-length'] = body.length;
  const links = [
    ...(answer.next === undefined ? [] : [`<${answer.next}>; rel="next"`]),
    ...(answer.links ?? []),
  ];
  if (links.length > 0) headers.Link = links.join(', ');
  Object.assign(headers, answer.headers);
  if (fault?.kind === 'stalled-body' || fault?.kind === 'truncated-body') {
    const { socket } = outgoing;
    if (body.length === 0) {
      if (fault.kind === 'truncated-body') socket?.destroy();
      return undefined;
    }
    outgoing.writeHead(answer.status, headers);
    outgoing.write(body.subarray(0, Math.ceil(body.length / 2)));
    if (fault.kind === 'truncated-body') socket?.destroySoon();
    return answer.status;
  }
  if (fault?.kind === 'huge-body') {
    outgoing.writeHead(answer.status, { ...headers, 'content-length': fault.bytes });
    Readable.from(whiteSpace(fault.bytes)).pipe(outgoing);
    return answer.status;
  }
  outgoing.writeHead(answer.status, headers);
  outgoing.end(body);
  return answer.status;
}

function* whiteSpace(bytes: number): Generator<Buffer> {
  const chunk = Buffer.alloc(65_536, ' ');
  for (let left = bytes; left > 0; left -= chunk.length)
    yield chunk.subarray(0, Math.min(left, chunk.length));
}

/** Cuts the connection with a TCP reset, without an answer. */
export function cut(outgoing: ServerResponse): void {
  outgoing.socket?.resetAndDestroy();
}
