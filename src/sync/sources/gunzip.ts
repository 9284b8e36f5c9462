import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { FileIncomplete, UnreadableFile } from '../../errors/source.ts';

/**
 * Decompresses gzip, no faster than the result is taken.
 * Throws FileIncomplete if it ends early, UnreadableFile if it is not gzip, and what the bytes throw.
 */
export async function* gunzip(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const compressed = Readable.from(bytes, { objectMode: false });
  const inflated = createGunzip();
  compressed.on('error', (error) => inflated.destroy(error));
  try {
    for await (const part of compressed.pipe(inflated)) yield Buffer.from(part);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'Z_BUF_ERROR') throw new FileIncomplete('The gzip data ends early.');
    if (code === 'Z_DATA_ERROR') {
      throw new UnreadableFile('byte 0', 'It is not gzip, as Content-Encoding says, or it is damaged.');
    }
    throw error;
  } finally {
    compressed.destroy();
    inflated.destroy();
  }
}
