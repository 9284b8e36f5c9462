import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
/** As npm starts them. */
const PREPARE = join(ROOT, 'scripts/prepare-node.cjs');

/** A process that the bench started. */
export interface Program extends AsyncDisposable {
  readonly pid: number;
  /** What it said when it was ready. */
  readonly greeting: string;
  /** Asks a program that answers commands; rejects with what went wrong there. */
  ask<Answer>(command: string, input?: object): Promise<Answer>;
}

interface Reply {
  readonly number: number;
  readonly answer?: unknown;
  readonly error?: string;
}

export interface ProgramOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Handed to the program as its only argument. */
  readonly input?: object;
  /** Whether it does a part of the gateway's work, and so is started with the gateway's flags. */
  readonly isGateway?: boolean;
}

const running = new Set<ChildProcess>();

const GATEWAY = 'src/server.ts';
/** The flags of Node.js that `npm start` gives the gateway. */
const GATEWAY_FLAGS = readFlags();

/**
 * Starts one of the project's programs, with nothing of our environment but the path, and waits until it
 * says that it is ready. Rejects when it ends before, with what it wrote.
 */
export async function startProgram(file: string, options: ProgramOptions = {}): Promise<Program> {
  const flags = file === GATEWAY || options.isGateway === true ? GATEWAY_FLAGS : [];
  const argument = options.input === undefined ? [] : [JSON.stringify(options.input)];
  const child = spawn(process.execPath, [...flags, '--require', PREPARE, join(ROOT, file), ...argument], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, ...options.environment },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  running.add(child);
  let complaint = '';
  child.stderr?.on('data', (data: Buffer) => {
    complaint += data.toString();
  });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  const ready = Promise.withResolvers<string>();
  const ended = once(child, 'close').then(([code]: unknown[]) => {
    running.delete(child);
    const reason = new Error(`${file} ended (${code}). ${complaint}`);
    ready.reject(reason);
    for (const { reject } of waiting.values()) reject(reason);
  });
  child.once('message', (greeting) => {
    ready.resolve(String(greeting));
    child.on('message', (message) => {
      const { number, answer, error }: Reply = JSON.parse(String(message));
      const asked = waiting.get(number);
      waiting.delete(number);
      if (error === undefined) asked?.resolve(answer);
      else asked?.reject(new Error(`${file}: ${error}`));
    });
  });
  let asked = 0;
  return {
    greeting: await ready.promise,
    pid: child.pid ?? 0,
    async ask<Answer>(command: string, input: object = {}): Promise<Answer> {
      asked += 1;
      const answer = Promise.withResolvers<unknown>();
      waiting.set(asked, answer);
      child.send(JSON.stringify({ number: asked, command, input }));
      const text = JSON.stringify(await answer.promise) ?? 'null';
      const value: Answer = JSON.parse(text);
      return value;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await ended;
    },
  };
}

function readFlags(): string[] {
  const text = readFileSync(join(ROOT, 'package.json'), 'utf8');
  const { scripts }: { scripts: { start: string } } = JSON.parse(text);
  return scripts.start.split(' ').filter((word) => word.startsWith('--') && word !== '--require');
}

/** Kills whatever still runs of what was started here, at once. */
export function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** A port on loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/**
 * The most memory that a process holds while it works, in MB; undefined if the system does not say,
 * which is everywhere but on Linux. The kernel counts from what the process holds when the work begins.
 */
export async function peakMemory(pid: number, work: () => Promise<void>): Promise<number | undefined> {
  // 5 lets the kernel forget the peak so far.
  await writeFile(`/proc/${pid}/clear_refs`, '5').catch(() => undefined);
  await work();
  return megabytes(pid, 'VmHWM');
}

/** The memory that a process holds at this moment, in MB; undefined if the system does not say. */
export function heldMemory(pid: number): Promise<number | undefined> {
  return megabytes(pid, 'VmRSS');
}

async function megabytes(pid: number, measure: 'VmHWM' | 'VmRSS'): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kilobytes = new RegExp(`^${measure}:\\s+(\\d+) kB`, 'm').exec(status)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) / 1_024;
}

/** Milliseconds that the main thread of a process has run. Undefined if the system does not say, which is everywhere but on Linux. */
export function busyMs(pid: number): Promise<number | undefined> {
  return ranMs(`/proc/${pid}`);
}

/** Milliseconds that all threads of a process have run. Undefined if the system does not say, which is everywhere but on Linux. */
export async function cpuMs(pid: number): Promise<number | undefined> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const each = await Promise.all(threads.map((thread) => ranMs(`/proc/${pid}/task/${thread}`)));
  if (each.length === 0) return undefined;
  return each.reduce((sum: number, ran) => sum + (ran ?? 0), 0);
}

/** Milliseconds that a thread has run, by its folder under /proc. */
async function ranMs(folder: string): Promise<number | undefined> {
  const text = await readFile(`${folder}/schedstat`, 'utf8').catch(() => '');
  const nanoseconds = /^\d+/.exec(text)?.[0];
  return nanoseconds === undefined ? undefined : Number(nanoseconds) / 1e6;
}
