import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Row } from './question.ts';
import { markdown } from './table.ts';

const ROOT = join(import.meta.dirname, '..');
const run = promisify(execFile);

/** Where the bench ran: processor, cores, Node, commit. */
export async function machine(): Promise<string> {
  const processors = cpus();
  const { stdout } = await run('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT }).catch(() => ({
    stdout: 'unknown',
  }));
  const model = processors[0]?.model.trim() ?? 'unknown processor';
  return `${model}, ${processors.length} cores, Node ${process.version}, commit ${stdout.trim()}`;
}

/** Writes the table into bench/README.md, and the lines that tell most into the README. */
export async function writeResults(rows: readonly Row[]): Promise<void> {
  const where = await machine();
  await replaceBetween('bench/README.md', 'results', `Measured on ${where}:\n\n${markdown(rows)}`);
  const telling = rows.filter((row) => row.telling !== undefined);
  await replaceBetween('README.md', 'bench', telling.map((row) => `- ${row.telling}`).join('\n'));
}

/** Replaces what stands between `<!-- name -->` and `<!-- /name -->`. Throws when a file has no such place. */
async function replaceBetween(file: string, name: string, text: string): Promise<void> {
  const path = join(ROOT, file);
  const before = await readFile(path, 'utf8');
  const place = new RegExp(`(<!-- ${name} -->)[^]*(<!-- /${name} -->)`);
  if (!place.test(before)) throw new Error(`${file} has no place for "${name}".`);
  await writeFile(
    path,
    before.replace(place, (_, start: string, end: string) => `${start}\n${text}\n${end}`),
  );
}
