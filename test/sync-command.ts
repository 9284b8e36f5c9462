import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import type { World } from './world.ts';

const ROOT = join(import.meta.dirname, '..');

/** A world's gateway at a port of this machine. */
export interface Served extends AsyncDisposable {
  readonly url: string;
}

/** Serves the gateway of a world at a port, where it is reached by another name than its own. */
export async function serveWorld({ gateway }: World): Promise<Served> {
  const fetch = (request: Request) => {
    const { pathname, search } = new URL(request.url);
    const { method, headers, body } = request;
    headers.delete('host');
    return gateway.fetch(
      new Request(`http://gateway.test${pathname}${search}`, {
        ...{ method, headers, body, duplex: 'half' },
      }),
    );
  };
  const server = createAdaptorServer({ fetch, overrideGlobalObjects: false }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
      await closed;
    },
  };
}

/** What a command said, and its exit code. */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command of synchronization as npm does. */
export async function runSync(
  environment: Readonly<Record<string, string>>,
  ...commandArguments: string[]
): Promise<CommandResult> {
  const child = spawn(process.execPath, [join(ROOT, 'src/cli/sync.ts'), ...commandArguments], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data: Buffer) => {
    stdout += data.toString();
  });
  child.stderr.on('data', (data: Buffer) => {
    stderr += data.toString();
  });
  const [code]: (number | null)[] = await once(child, 'close');
  return { code: code ?? null, stdout, stderr };
}

/** The JSON lines that a command printed. */
export function linesOf({
  stdout,
}: CommandResult): readonly { readonly type: string; readonly [name: string]: unknown }[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
