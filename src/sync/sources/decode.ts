import { isUtf8 } from 'node:buffer';
import { UnreadableFile } from '../../errors/source.ts';

const REPLACEMENT = Buffer.from('\uFFFD');
const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;
const SAVE_AS_UTF8 = 'Save the file as UTF-8, or as UTF-16 with a byte order mark.';

/**
 * Turns bytes into text: UTF-8, or UTF-16 if a byte order mark says so. The mark itself is left out.
 * Throws UnreadableFile with the byte for text that is not valid, and for NUL characters.
 */
export async function* decode(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let decoder: Decoder | undefined;
  let head = Buffer.alloc(0);
  for await (const part of bytes) {
    if (decoder !== undefined) {
      yield decoder.push(part);
      continue;
    }
    head = Buffer.concat([head, part]);
    if (head.length < 3) continue;
    decoder = decoderOf(head);
    yield decoder.push(head.subarray(decoder.offset));
  }
  if (decoder === undefined) {
    decoder = decoderOf(head);
    yield decoder.push(head.subarray(decoder.offset));
  }
  decoder.end();
}

interface Decoder {
  /** Bytes that it has turned into text, the byte order mark included. */
  readonly offset: number;
  push(bytes: Uint8Array): string;
  end(): void;
}

function decoderOf(head: Buffer): Decoder {
  if (head[0] === 0xff && head[1] === 0xfe) return new Utf16Decoder(false);
  if (head[0] === 0xfe && head[1] === 0xff) return new Utf16Decoder(true);
  const hasMark = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf;
  return new Utf8Decoder(hasMark ? 3 : 0);
}

class Utf8Decoder implements Decoder {
  offset: number;
  #rest = Buffer.alloc(0);

  constructor(offset: number) {
    this.offset = offset;
  }

  push(bytes: Uint8Array): string {
    const all = Buffer.concat([this.#rest, bytes]);
    const whole = all.subarray(0, all.length - cutSequence(all));
    this.#rest = all.subarray(whole.length);
    if (!isUtf8(whole)) throw invalid(this.offset + firstInvalid(whole), 'UTF-8');
    const nul = whole.indexOf(0);
    if (nul >= 0) throw hasNul(this.offset + nul);
    this.offset += whole.length;
    return whole.toString('utf8');
  }

  end(): void {
    if (this.#rest.length > 0) throw invalid(this.offset, 'UTF-8');
  }
}

/** How many bytes at the end begin a character that is not complete. */
function cutSequence(bytes: Uint8Array): number {
  for (let back = 1; back <= 3; back += 1) {
    const byte = bytes.at(-back) ?? 0;
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return length > back ? back : 0;
  }
  return 0;
}

/** Where bytes that are not UTF-8 stop to be. */
function firstInvalid(bytes: Buffer): number {
  let at = 0;
  for (const valid of bytes.toString('utf8').split('\uFFFD')) {
    at += Buffer.byteLength(valid);
    if (!bytes.subarray(at, at + REPLACEMENT.length).equals(REPLACEMENT)) break;
    at += REPLACEMENT.length;
  }
  return at;
}

class Utf16Decoder implements Decoder {
  offset = 2;
  readonly #isBigEndian: boolean;
  #rest = Buffer.alloc(0);

  constructor(isBigEndian: boolean) {
    this.#isBigEndian = isBigEndian;
  }

  push(bytes: Uint8Array): string {
    const all = Buffer.concat([this.#rest, bytes]);
    let length = all.length - (all.length % 2);
    const last = this.#unitAt(all, length - 2);
    if (last >= 0xd800 && last < 0xdc00) length -= 2;
    this.#rest = Buffer.from(all.subarray(length));
    const whole = all.subarray(0, length);
    const text = (this.#isBigEndian ? whole.swap16() : whole).toString('utf16le');
    const lone = text.isWellFormed() ? -1 : text.search(LONE_SURROGATE);
    if (lone >= 0) throw invalid(this.offset + 2 * lone, 'UTF-16');
    const nul = text.indexOf('\0');
    if (nul >= 0) throw hasNul(this.offset + 2 * nul);
    this.offset += length;
    return text;
  }

  end(): void {
    if (this.#rest.length > 0) throw invalid(this.offset, 'UTF-16');
  }

  /** A unit of two bytes; 0 before the beginning. */
  #unitAt(bytes: Buffer, at: number): number {
    if (at < 0) return 0;
    return this.#isBigEndian ? bytes.readUInt16BE(at) : bytes.readUInt16LE(at);
  }
}

function invalid(offset: number, encoding: string): UnreadableFile {
  return new UnreadableFile(`byte ${offset}`, `The bytes there are not ${encoding}. ${SAVE_AS_UTF8}`);
}

function hasNul(offset: number): UnreadableFile {
  return new UnreadableFile(
    `byte ${offset}`,
    `There is a NUL character, which text does not have. ${SAVE_AS_UTF8}`,
  );
}
