import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StoreUnavailable } from '../../src/errors/start.ts';
import { keepPrivate } from '../../src/store/embedded/private-files.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gateway-private-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const modeOf = (path: string) => statSync(path).mode & 0o777;

/** Does something as a user who owns nothing; tests that root runs are that user for a moment. */
function asStranger(task: () => void): void {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    task();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

describe('a folder or file that holds secrets', () => {
  it.each([
    [0o755, 0o700],
    [0o770, 0o700],
    [0o700, 0o700],
    [0o500, 0o500],
  ])('is closed to other users: a folder of mode %o gets %o', (before, after) => {
    const path = join(folder, `folder-${before}`);
    mkdirSync(path);
    chmodSync(path, before);
    keepPrivate(path);
    expect(modeOf(path)).toBe(after);
  });

  it('is closed to other users: a file of mode 644 gets 600', () => {
    const path = join(folder, 'secret.key');
    writeFileSync(path, 'x', { mode: 0o644 });
    keepPrivate(path);
    expect(modeOf(path)).toBe(0o600);
  });

  it('is refused if everybody shares it, as /tmp', () => {
    const path = join(folder, 'shared');
    mkdirSync(path);
    chmodSync(path, 0o1777);
    expect(() => keepPrivate(path)).toThrow(StoreUnavailable);
    expect(() => keepPrivate(path)).toThrow(/mode 1777\): it is a shared folder\. Set DATA_DIR to a folder/);
    expect(modeOf(path)).toBe(0o777);
  });

  it('is refused if it belongs to another user, with what to do', () => {
    // Of root, who lets others read it.
    asStranger(() => expect(() => keepPrivate('/usr')).toThrow(/^\/usr holds secrets.*Run chmod go= on it/));
  });
});
