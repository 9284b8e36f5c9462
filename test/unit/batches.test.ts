import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Batches } from '../../src/datasources/rest/batches.ts';

/** The names of the batches that were sent, and the ways to send one and to begin a list. */
function begin() {
  const batches = new Batches();
  const sent: string[] = [];
  const send = (name: string) => batches.schedule(() => sent.push(name));
  const list = () => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    batches.waitFor(promise);
    return { promise, resolve, reject };
  };
  return { sent, send, list };
}

/** Lets everything run that is due: what an answer sets off, and what that sets off in its turn. */
async function turn(): Promise<void> {
  await nextTurn();
  await nextTurn();
}

describe('a batch', () => {
  it('goes at once, but not before everybody has had their turn', async () => {
    const { sent, send } = begin();
    send('people');
    expect(sent).toEqual([]);
    await turn();
    expect(sent).toEqual(['people']);
  });

  it('waits for every list that is under way', async () => {
    const { sent, send, list } = begin();
    const [one, other] = [list(), list()];
    send('people');
    one.resolve();
    await turn();
    expect(sent).toEqual([]);
    other.resolve();
    await turn();
    expect(sent).toEqual(['people']);
  });

  it('waits for the lists, too, that the answer to another begins', async () => {
    const { sent, send, list } = begin();
    const outer = list();
    send('people');
    const inner = outer.promise.then(() => list());
    outer.resolve();
    const { resolve } = await inner;
    await turn();
    expect(sent).toEqual([]);
    resolve();
    await turn();
    expect(sent).toEqual(['people']);
  });

  it('is not lost with a list that fails', async () => {
    const { sent, send, list } = begin();
    const failing = list();
    send('people');
    failing.reject(new Error('Webex is down'));
    await turn();
    expect(sent).toEqual(['people']);
  });
});
