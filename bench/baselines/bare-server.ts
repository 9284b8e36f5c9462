import { once } from 'node:events';
import { createServer } from 'node:http';
import { answerCommands, readInput } from '../commands.ts';

// What node:http itself can do: it reads a request to its end and answers always the same.

export interface BareAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const { headers, body } = readInput<BareAnswer>();
const server = createServer((incoming, outgoing) => {
  incoming.resume().once('end', () => outgoing.writeHead(200, headers).end(body));
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const address = server.address();
answerCommands({ port: typeof address === 'object' ? address?.port : 0 }, (command) => {
  throw new Error(`There is no command ${command}.`);
});
