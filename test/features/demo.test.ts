import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const DEMO = join(import.meta.dirname, '../../src/cli/demo.ts');

describe('npm run demo', () => {
  it('connects to a local Webex, shows a query with its answer, serves GraphiQL, and ends with Ctrl-C', async () => {
    const port = await freePort();
    const demo = spawn(process.execPath, [DEMO], {
      env: { PATH: process.env.PATH, PORT: port },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = once(demo, 'close');
    let [output, complaints] = ['', ''];
    demo.stderr.on('data', (data: Buffer) => {
      complaints += data.toString();
    });
    try {
      for await (const data of demo.stdout) {
        output += String(data);
        if (output.includes('Ctrl-C')) break;
      }
      expect(complaints).toBe('');
      expect(output).toContain(`http://localhost:${port}/graphql`);
      expect(output).toContain('query DashboardUsers');
      expect(output).toMatch(/"manager": \{/);
      const answer = await fetch(`http://localhost:${port}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          query: '{ connector { status users(first: 100) { nodes { licenses { name } } } } }',
        }),
      });
      expect(await answer.json()).toMatchObject({
        data: { connector: { status: 'CONNECTED', users: { nodes: { length: 100 } } } },
      });
    } finally {
      demo.kill('SIGINT');
    }
    expect(await ended).toEqual([0, null]);
    await expect(fetch(`http://localhost:${port}/health`)).rejects.toThrow();
  });

  async function freePort(): Promise<string> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    server.close();
    await once(server, 'close');
    return String(typeof address === 'object' ? address?.port : address);
  }
});
