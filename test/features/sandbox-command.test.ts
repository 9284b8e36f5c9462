import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const COMMAND = fileURLToPath(new URL('../../src/cli/sandbox.ts', import.meta.url));

describe('the sandbox command', () => {
  it('explains its flags', async () => {
    const { stdout } = await run(process.execPath, [COMMAND, '--help']);
    for (const flag of ['--port', '--users', '--seed', '--latency', '--token', '--rotate']) {
      expect(stdout).toContain(flag);
    }
  });

  it.each([
    ['--users', 'many', /--users takes a whole number/],
    ['--port', '99999', /--port takes a whole number from 0 to 65535/],
    ['--nonsense', 'x', /--nonsense/],
  ])('refuses %s %s in a sentence, with exit code 1', async (flag, value, sentence) => {
    const failure = run(process.execPath, [COMMAND, flag, value]);
    await expect(failure).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(sentence) });
  });

  it('says where it listens, answers there, and ends on Ctrl-C', async () => {
    const child = spawn(process.execPath, [COMMAND, '--port', '0', '--users', '12', '--token', 'admin']);
    const exit = once(child, 'exit');
    let output = '';
    for await (const chunk of child.stdout) {
      output += String(chunk);
      if (output.includes('Ctrl-C')) break;
    }
    const address = /http:\/\/127\.0\.0\.1:\d+\/v1/.exec(output)?.[0];
    const response = await fetch(`${address}/people/me`, { headers: { authorization: 'Bearer admin' } });
    expect(response.status).toBe(200);
    expect(output).toContain('sandbox-client, sandbox-secret');
    child.kill('SIGINT');
    expect(await exit).toEqual([0, null]);
  });
});
