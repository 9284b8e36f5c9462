import { once } from 'node:events';
import { connect } from 'node:net';
import type { BareAnswer } from '../baselines/bare-server.ts';
import { startProgram } from '../processes.ts';
import { atMost, type Question } from '../question.ts';

const CONNECTIONS = 1_000;
const REQUESTS_EACH = 10;
const ANSWER: BareAnswer = { headers: { 'content-type': 'application/json' }, body: '{"status":"ok"}' };

/** How many requests are lost when many clients connect at the same moment? */
export const connectionBurst: Question = {
  name: 'connection-burst',
  async measure({ quick, runs }, sides) {
    const { gateway } = await sides();
    await using bare = await startProgram('bench/baselines/bare-server.ts', { input: ANSWER });
    const { port }: { port: number } = JSON.parse(bare.greeting);
    const rounds = quick ? 1 : Math.ceil(runs / 3);
    let ours = 0;
    let baseline = 0;
    for (let round = 0; round < rounds; round += 1) {
      ours += await lostRequests(gateway.port);
      baseline += await lostRequests(port);
    }
    const sent = (rounds * CONNECTIONS * REQUESTS_EACH).toLocaleString('en');
    return [
      {
        what: `requests lost of ${sent}, over ${CONNECTIONS.toLocaleString('en')} new connections at a time; floor: node:http with its default backlog`,
        gateway: String(ours),
        floor: String(baseline),
        runs: rounds,
        goals: [atMost('requests lost', ours, 0)],
      },
    ];
  },
};

/** Sends requests one after the other on each of many connections that are made at once. */
async function lostRequests(port: number): Promise<number> {
  const lost = await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const answered = await answeredOnOne(port);
      return REQUESTS_EACH - answered;
    }),
  );
  return lost.reduce((sum, each) => sum + each, 0);
}

async function answeredOnOne(port: number): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  let answered = 0;
  try {
    await once(socket, 'connect');
    while (answered < REQUESTS_EACH) {
      socket.write(`GET /health HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`);
      await once(socket, 'data');
      answered += 1;
    }
  } catch {
    // The connection was reset: what it has not sent is lost.
  }
  socket.destroy();
  return answered;
}
