import { describe, expect, it } from 'vitest';
import { type ClientRequest, RequestReader } from '../../src/store/embedded/protocol.ts';

function message(type: string, content = ''): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(4 + Buffer.byteLength(content));
  return Buffer.concat([Buffer.from(type), length, Buffer.from(content)]);
}

const STARTUP = message('', '\0\x03\0\0user\0postgres\0\0');
const EXTENDED = Buffer.concat(
  ['P', 'B', 'D', 'E'].map((type) => message(type, `content of ${type}`)).concat(message('S')),
);
const SENT = [STARTUP, EXTENDED, message('Q', 'select 1\0'), message('H'), message('X')];

/** What is read of the bytes if they come so many at a time. */
function readBy(size: number) {
  const bytes = Buffer.concat(SENT);
  const reader = new RequestReader();
  const read: ClientRequest[] = [];
  for (let at = 0; at < bytes.length; at += size) read.push(...reader.read(bytes.subarray(at, at + size)));
  return read.map((request) =>
    request.kind === 'messages' ? Buffer.from(request.bytes).toString('latin1') : request.kind,
  );
}

describe('the messages of a client of PostgreSQL', () => {
  it.each([
    1, 2, 3, 7, 64, 10_000,
  ])('are read up to each that asks for an answer, %i bytes at a time', (size) => {
    const texts = SENT.slice(1, 4).map((bytes) => bytes.toString('latin1'));
    expect(readBy(size)).toEqual(['startup', ...texts, 'terminate']);
  });
});
