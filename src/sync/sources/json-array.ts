import { UnreadableFile } from '../../errors/source.ts';
import type { ParsedBatch } from './formats.ts';
import { parseObject } from './objects.ts';
import { BatchBuilder, LARGEST_RECORD } from './source.ts';

/**
 * Reads a JSON array of objects, one item at a time. An item that is not an object is a problem, and reading continues.
 * Throws UnreadableFile where it is not valid JSON, and for an item of more than 1 MiB.
 */
export async function* readJsonArray(texts: AsyncIterable<string>): AsyncGenerator<ParsedBatch> {
  const batch = new BatchBuilder();
  const splitter = new ItemSplitter();
  let count = 0;
  for await (const text of texts) {
    for (const item of splitter.push(text)) {
      count += 1;
      const at = `item ${count}`;
      const read = parseObject(item);
      if (!('problem' in read)) batch.add({ at, is: 'VALUE', value: read.value }, item.length);
      else if (read.problem.code === 'INVALID_JSON') throw new UnreadableFile(at, 'It is not valid JSON.');
      else batch.addProblem({ at, ...read.problem });
      if (batch.isFull) yield batch.take();
    }
  }
  splitter.end();
  yield batch.take();
}

/** Before the array · before the first item · in an item · after a comma · after the array. */
type Place = 'BEFORE' | 'OPENED' | 'ITEM' | 'COMMA' | 'AFTER';

const WHITESPACE = ' \t\r\n';

/** Cuts an array into its items by brackets and quotes alone. Whether an item is valid is not checked. */
class ItemSplitter {
  #place: Place = 'BEFORE';
  #item = '';
  #depth = 0;
  #isInText = false;
  #isEscaped = false;
  #line = 1;
  #count = 0;

  /** Yields the items that end in this text. Throws UnreadableFile. */
  *push(text: string): Generator<string> {
    let begin = 0;
    for (let at = 0; at < text.length; at += 1) {
      const character = text.charAt(at);
      if (character === '\n') this.#line += 1;
      if (this.#place !== 'ITEM') {
        if (!this.#beginsItem(character)) continue;
        begin = at;
        this.#inItem(character);
      } else if (this.#endsItem(character)) {
        this.#keep(text.slice(begin, at));
        yield this.#item;
        this.#item = '';
        this.#place = character === ',' ? 'COMMA' : 'AFTER';
      } else this.#inItem(character);
    }
    if (this.#place === 'ITEM') this.#keep(text.slice(begin));
  }

  #keep(part: string): void {
    this.#item += part;
    if (this.#item.length > LARGEST_RECORD) {
      throw new UnreadableFile(`item ${this.#count}`, 'It has more than 1 MiB.');
    }
  }

  /** Throws UnreadableFile if the array is not closed. */
  end(): void {
    if (this.#place === 'AFTER') return;
    const reason =
      this.#place === 'BEFORE'
        ? 'The file must be a JSON array of objects.'
        : 'The file ends before its array is closed. Part of it may be missing.';
    throw new UnreadableFile(`line ${this.#line}`, reason);
  }

  /** Whether an item begins here, outside of items. */
  #beginsItem(character: string): boolean {
    if (WHITESPACE.includes(character)) return false;
    if (this.#place === 'BEFORE') {
      if (character !== '[') this.#refuse('The file must be a JSON array of objects.');
      this.#place = 'OPENED';
    } else if (this.#place === 'OPENED' && character === ']') this.#place = 'AFTER';
    else if (this.#place === 'AFTER') this.#refuse('Text follows the end of the array.');
    else if (',]}:'.includes(character)) this.#refuse('An item is missing there.');
    else {
      this.#place = 'ITEM';
      this.#count += 1;
      return true;
    }
    return false;
  }

  #endsItem(character: string): boolean {
    return this.#depth === 0 && !this.#isInText && (character === ',' || character === ']');
  }

  #inItem(character: string): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (this.#isInText) {
      if (character === '\\') this.#isEscaped = true;
      else if (character === '"') this.#isInText = false;
    } else if (character === '"') this.#isInText = true;
    else if (character === '{' || character === '[') this.#depth += 1;
    else if (character === '}' || character === ']') this.#depth -= 1;
  }

  #refuse(reason: string): never {
    throw new UnreadableFile(`line ${this.#line}`, reason);
  }
}
