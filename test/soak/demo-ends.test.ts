import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freePort } from '../processes.ts';

const ROOT = join(import.meta.dirname, '../..');

describe('npm run demo', () => {
  it('ends with the shell that it was started from', async () => {
    const port = await freePort();
    const shell = spawn('bash', ['-c', 'npm run demo; true'], {
      cwd: ROOT,
      env: { ...process.env, PORT: port },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let output = '';
    shell.stdout.on('data', (data: Buffer) => {
      output += data.toString();
    });
    await expect.poll(() => output, { timeout: 60_000 }).toContain('Ctrl-C');
    const gone = once(shell.stdout, 'end');
    shell.kill('SIGKILL');
    // Every process that could still write there has ended.
    await gone;
    await expect(fetch(`http://localhost:${port}/health`)).rejects.toThrow();
  });
});
