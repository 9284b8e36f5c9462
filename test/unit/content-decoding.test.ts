import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeContent, isEncoded, textOf } from '../../src/datasources/http/content-decoding.ts';

const call = { method: 'GET', path: '/people' };
const plain = Buffer.from('{"items":[]}');

describe('a body that is compressed although nobody asked for it', () => {
  it.each([
    ['gzip', gzipSync(plain)],
    ['GZIP', gzipSync(plain)],
    ['x-gzip', gzipSync(plain)],
    ['deflate', deflateSync(plain)],
    ['br', brotliCompressSync(plain)],
    ['zstd', zstdCompressSync(plain)],
  ])('is decoded from %s', async (encoding, body) => {
    expect(isEncoded(encoding)).toBe(true);
    expect(await decodeContent(body, encoding, 1_000, call)).toEqual(plain);
  });

  it('is bounded by its size once it is decoded', async () => {
    const bomb = gzipSync(Buffer.alloc(1_000_000));
    await expect(decodeContent(bomb, 'gzip', 10_000, call)).rejects.toThrow('larger than 10000 bytes');
  });

  it.each([
    'gzip',
    'compress',
    'gzip, br',
  ])('is told as compressed where %s cannot be decoded', async (encoding) => {
    await expect(decodeContent(plain, encoding, 1_000, call)).rejects.toMatchObject({
      code: 'UPSTREAM_INVALID',
      message: expect.stringContaining('compressed'),
    });
  });

  it('is not one without an encoding', () => {
    expect([undefined, '', 'identity', 'Identity'].filter(isEncoded)).toEqual([]);
  });
});

describe('the text of a body', () => {
  it('begins behind a byte order mark', () => {
    const mark = Buffer.from([0xef, 0xbb, 0xbf]);
    expect(textOf(Buffer.concat([mark, plain]))).toBe('{"items":[]}');
    expect(textOf(plain)).toBe('{"items":[]}');
  });
});
