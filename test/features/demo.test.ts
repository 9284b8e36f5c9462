import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { askPort, freePort, kill, startProgram } from '../processes.ts';

describe('npm run demo', { timeout: 240_000 }, () => {
  it('says first where GraphiQL is, shows an answer and what to try, answers the curl of the README, and ends with Ctrl-C', async () => {
    const port = await freePort();
    const demo = startProgram('cli/demo.ts', { PORT: port });
    try {
      await expect.poll(() => demo.output.stdout, { timeout: 60_000 }).toContain('Ctrl-C');
      expect(demo.output.stderr).toBe('');
      const lines = demo.output.stdout.split('\n');
      expect(lines[0]).toBe(`GraphiQL:     http://localhost:${port}/graphql`);
      expect(demo.output.stdout).toMatch(
        /read 100 users in \d requests to Webex:\n\n\[\n {2}\{\n {4}"displayName"/,
      );
      expect(demo.output.stdout).toContain('Try next:');
      // All of it is on the screen at once.
      expect(lines.length).toBeLessThanOrEqual(25);
      const query = `{ connector {
        status details { organization { displayName } missingScopes } users(first: 100) { nodes { licenses { name } } }
      } }`;
      expect(await askPort(port, query)).toMatchObject({
        data: {
          connector: {
            status: 'CONNECTED',
            // A name, not the id that stands in for one that may not be read.
            details: {
              organization: { displayName: expect.not.stringMatching(/^[\w-]{36}$/) },
              missingScopes: [],
            },
            users: { nodes: { length: 100 } },
          },
        },
      });
      const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
      const curl = /^curl [^`]*/m.exec(readme)?.[0].replace('localhost:4000', `localhost:${port}`) ?? '';
      if (['bash', 'curl'].every((tool) => spawnSync(tool, ['--version']).status === 0)) {
        const { stdout } = await promisify(execFile)('bash', ['-c', curl]);
        expect(JSON.parse(stdout)).toMatchObject({
          data: { connector: { users: { nodes: { length: 3 } } } },
        });
      }
    } finally {
      await kill(demo, 'SIGINT');
    }
    expect(await demo.ended).toMatchObject({ code: 0, stderr: '' });
    await expect(fetch(`http://localhost:${port}/health`)).rejects.toThrow();
  });
});
