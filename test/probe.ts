import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

// Probes a gateway in a thread of its own, whose clock nothing else in the test holds up. Told to stop, it says how
// long the longest probe took, in milliseconds.

const { port }: { port: string } = workerData;
let longest = 0;
let isWanted = true;
parentPort?.once('message', () => {
  isWanted = false;
});

async function probe(): Promise<void> {
  const { status } = await fetch(`http://127.0.0.1:${port}/health`);
  if (status !== 200) throw new Error(`/health answered ${status}.`);
}

// The first also loads what fetches.
await probe();
while (isWanted) {
  const began = performance.now();
  await probe();
  longest = Math.max(longest, performance.now() - began);
  await sleep(20);
}
parentPort?.postMessage(longest);
