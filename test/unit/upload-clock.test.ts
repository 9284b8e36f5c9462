import { describe, expect, test } from 'vitest';
import { UploadTimeout } from '../../src/errors/source.ts';
import { readInTime, UploadBrokenOff } from '../../src/routes/upload-clock.ts';
import { allOf } from '../iterables.ts';

const AGES = 3_600_000;

/** A body that ends, fails or goes silent after its parts. */
function bodyOf(parts: readonly string[], end: 'close' | 'fail' | 'silence' = 'close') {
  const left = [...parts];
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const part = left.shift();
      if (part !== undefined) controller.enqueue(Buffer.from(part));
      else if (end === 'close') controller.close();
      else if (end === 'fail') controller.error(new Error('reset'));
      else await new Promise(() => undefined);
    },
  });
}

describe('the body of an upload', () => {
  test('is read to its end', async () => {
    const parts = await allOf(readInTime(bodyOf(['a', 'b']), { silent: AGES, total: AGES }));
    expect(Buffer.concat(parts).toString()).toBe('ab');
  });

  test('is given up when no byte comes for too long', async () => {
    const read = allOf(readInTime(bodyOf(['a'], 'silence'), { silent: 10, total: AGES }));
    await expect(read).rejects.toThrow(UploadTimeout);
    await expect(read).rejects.toThrow(/No byte of the file arrived for 0.01 seconds/);
  });

  test('is given up when it takes too long in all', async () => {
    const read = allOf(readInTime(bodyOf(['a'], 'silence'), { silent: AGES, total: 10 }));
    await expect(read).rejects.toThrow(/took more than 0.01 seconds/);
  });

  test('tells when the client has closed the connection', async () => {
    const read = allOf(readInTime(bodyOf(['a'], 'fail'), { silent: AGES, total: AGES }));
    await expect(read).rejects.toThrow(UploadBrokenOff);
  });
});
