import { once } from 'node:events';
import { Readable } from 'node:stream';
import { Worker } from 'node:worker_threads';
import { createGzip } from 'node:zlib';
import { request } from 'undici';
import { expect, it } from 'vitest';
import { freshFolder } from '../databases.ts';
import { freePort, kill, startProgram } from '../processes.ts';

const ROWS = 250_000;

/** A file that is made while it is sent. */
function* fileOf(head: string, record: (row: number) => string): Generator<string> {
  yield head;
  for (let from = 0; from < ROWS; from += 500)
    yield Array.from({ length: 500 }, (_, index) => record(from + index)).join('');
}

/** Each has a content of its own. */
const csv = (name: string) =>
  fileOf('employeeId,mail,givenName,sn,title,department,managerMail,groups\n', (row) => {
    const person = `${name}${row},user${row}@acme.example,Given${row},"Family, ${row}"`;
    return `${person},Engineer,Research,user${row % 99}@acme.example,a;b\n`;
  });

const jsonLines = (name: string) =>
  fileOf('', (row) => {
    const record = { employeeId: `${name}${row}`, mail: `user${row}@acme.example`, tags: ['a'] };
    return `${JSON.stringify({ ...record, filler: 'x'.repeat(200) })}\n`;
  });

it('a gateway with a heap of 192 MB takes files of 250,000 records, several at once, and stays as large as it was', async () => {
  const resources = new AsyncDisposableStack();
  const [port, metricsPort] = await Promise.all([freePort(), freePort()]);
  const folder = resources.use(await freshFolder());
  const server = startProgram('server.ts', {
    ...{ PORT: port, METRICS_PORT: metricsPort, DATA_DIR: folder.dataDir, LOG_LEVEL: 'warn' },
    NODE_OPTIONS: '--max-old-space-size=192',
  });
  resources.defer(() => kill(server));
  await using _ends = resources;
  await server.listening;
  const send = async (texts: Generator<string>, type: string) => {
    const { body } = await request(`http://127.0.0.1:${port}/sync/files?name=large`, {
      ...{ method: 'PUT', body: Readable.from(texts).pipe(createGzip({ level: 1 })) },
      headers: { 'content-type': type, 'content-encoding': 'gzip' },
    });
    expect(await body.json()).toMatchObject({ rows: ROWS, problemCount: 0 });
  };
  const memory = async () => {
    const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    return Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1]);
  };
  const probe = new Worker(new URL('../probe.ts', import.meta.url), { workerData: { port } });
  await send(csv('A'), 'text/csv');
  const before = await memory();
  await send(csv('B'), 'text/csv');
  await Promise.all([send(csv('C'), 'text/csv'), send(jsonLines('D'), 'application/x-ndjson')]);
  await send(jsonLines('E'), 'application/x-ndjson');
  const grown = (await memory()) - before;
  probe.postMessage('stop');
  const [longest]: unknown[] = await once(probe, 'message');
  // Figures to read: the goals on two quiet cores are 32 MiB and 100 ms.
  process.stdout.write(
    `grown by ${Math.round(grown / 2 ** 20)} MiB, the slowest answer of /health beside it: ${Math.round(Number(longest))} ms\n`,
  );
  expect(grown).toBeLessThan(150 * 2 ** 20);
});
