import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

/** What operators run in a container. */
const COMMANDS = ['start', 'key', 'rotate-keys'];

/** What the Dockerfile copies from the project into the image, and what Docker is allowed to see of it. */
const copied = [...read('Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources = '']) =>
  sources.split(' '),
);
const seen = [...read('.dockerignore').matchAll(/^!(.+)$/gm)].map(([, path]) => path);

describe('the image', () => {
  let image: string;
  beforeAll(() => {
    image = mkdtempSync(join(tmpdir(), 'gateway-image-'));
    for (const path of copied) cpSync(join(ROOT, path), join(image, path), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(image, 'node_modules'));
  });
  afterAll(() => rmSync(image, { recursive: true }));

  it('is made of files that Docker may see', () => {
    expect(copied.length).toBeGreaterThan(3);
    for (const path of copied) expect(seen).toContain(path);
  });

  it.each(COMMANDS)('holds what npm run %s starts', (name) => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(read('package.json'));
    const files = scripts[name]?.split(' ').filter((word) => /\.[cm]?[jt]s$/.test(word)) ?? [];
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) expect(existsSync(join(image, file)), file).toBe(true);
  });

  it('runs a command', async () => {
    const command = ['run', '--silent', 'key', '--', 'generate'];
    const { stdout } = await promisify(execFile)('npm', command, { cwd: image });
    expect(stdout).toContain('ADMIN_KEY_HASH=');
  });
});
