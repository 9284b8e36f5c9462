import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib';
import { AnswerTooLarge, type UpstreamCall, UpstreamInvalid } from '../../errors/upstream.ts';

type Decoder = (body: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>;

const DECODERS = new Map<string, Decoder>([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
  ['br', promisify(brotliDecompress)],
  ['zstd', promisify(zstdDecompress)],
]);

/** Whether a body is compressed, which no request asks for but proxies do all the same. */
export function isEncoded(encoding: string | undefined): encoding is string {
  return encoding !== undefined && encoding !== '' && encoding.toLowerCase() !== 'identity';
}

/**
 * The body without its content encoding.
 * @param encoding the header `Content-Encoding`
 * @param mostBytes of the decoded body
 * Throws AnswerTooLarge, and UpstreamInvalid for an encoding that is not known or a body that is broken.
 */
export async function decodeContent(
  body: Buffer,
  encoding: string,
  mostBytes: number,
  call: UpstreamCall,
): Promise<Buffer> {
  const decode = DECODERS.get(encoding.trim().toLowerCase());
  try {
    if (decode !== undefined) return await decode(body, { maxOutputLength: mostBytes });
  } catch (error) {
    if (error instanceof RangeError) throw new AnswerTooLarge(mostBytes, call);
  }
  throw new UpstreamInvalid(
    'The answer is compressed, which was not asked for, and cannot be decoded. A proxy may compress it: switch that off.',
    call,
  );
}

/** A body as text, without the byte order mark that some servers put in front. */
export function textOf(body: Buffer): string {
  const text = body.toString('utf8');
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}
