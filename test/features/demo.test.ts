import { describe, expect, it } from 'vitest';
import { askPort, freePort, kill, startProgram } from '../processes.ts';

describe('npm run demo', () => {
  it('connects to a local Webex, shows a query with its answer, serves GraphiQL, and ends with Ctrl-C', async () => {
    const port = await freePort();
    const demo = startProgram('cli/demo.ts', { PORT: port });
    try {
      await expect.poll(() => demo.output.stdout, { timeout: 25_000 }).toContain('Ctrl-C');
      expect(demo.output.stderr).toBe('');
      expect(demo.output.stdout).toContain(`http://localhost:${port}/graphql`);
      expect(demo.output.stdout).toContain('query DashboardUsers');
      expect(demo.output.stdout).toMatch(/"manager": \{/);
      const query = '{ connector { status users(first: 100) { nodes { licenses { name } } } } }';
      expect(await askPort(port, query)).toMatchObject({
        data: { connector: { status: 'CONNECTED', users: { nodes: { length: 100 } } } },
      });
    } finally {
      await kill(demo, 'SIGINT');
    }
    expect(await demo.ended).toMatchObject({ code: 0, stderr: '' });
    await expect(fetch(`http://localhost:${port}/health`)).rejects.toThrow();
  });
});
