import type { Socket } from 'node:net';

/** One request that came in. Who asked is never kept: no token, no body. */
export interface RequestRecord {
  /** From 1, in the order of arrival. */
  readonly number: number;
  readonly method: string;
  readonly path: string;
  /** The query string as sent, without the question mark. */
  readonly query: string;
  /** Such as `GET /people/:id`; `none` for an address that does not exist. */
  readonly route: string;
  /** Undefined while it runs, and if the connection was cut instead of answered. */
  status: number | undefined;
  /** Milliseconds since 1970 by the machine's clock. */
  readonly startedAt: number;
  endedAt: number | undefined;
  /** The connection it came over, from 1 in the order of opening. */
  readonly connection: number;
}

/** What the sandbox saw: every request, how many at once, over how many sockets. */
export class Recorder {
  #all: RequestRecord[] = [];
  #running = 0;
  #mostConcurrent = 0;
  #mostSockets = 0;
  #opened = 0;
  readonly #open = new Set<Socket>();
  readonly #numbers = new WeakMap<Socket, number>();

  /** Every request since the start or the last `clear()`. */
  get all(): readonly RequestRecord[] {
    return this.#all;
  }

  /** The most requests that were running at one moment. */
  get mostConcurrent(): number {
    return this.#mostConcurrent;
  }

  /** The most TCP connections that were open at one moment. */
  get mostSockets(): number {
    return this.#mostSockets;
  }

  /** The number of requests for each route. */
  get byRoute(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { route } of this.#all) counts[route] = (counts[route] ?? 0) + 1;
    return counts;
  }

  /** The number of requests, of one route (such as `GET /people/:id`) or of all. */
  count(route?: string): number {
    return route === undefined ? this.#all.length : this.#all.filter((each) => each.route === route).length;
  }

  /** The requests of the same method and address that came more than once, with how often. */
  identical(): { request: string; count: number }[] {
    const counts = new Map<string, number>();
    for (const { method, path, query } of this.#all) {
      const request = `${method} ${path}${query === '' ? '' : `?${query}`}`;
      counts.set(request, (counts.get(request) ?? 0) + 1);
    }
    return [...counts].filter(([, count]) => count > 1).map(([request, count]) => ({ request, count }));
  }

  /** Forgets all requests; the most sockets start from those open now. */
  clear(): void {
    this.#all = [];
    this.#mostConcurrent = this.#running;
    this.#mostSockets = this.#open.size;
  }

  /** Notes a connection; the server calls this for each. */
  connected(socket: Socket): void {
    this.#opened += 1;
    this.#numbers.set(socket, this.#opened);
    this.#open.add(socket);
    this.#mostSockets = Math.max(this.#mostSockets, this.#open.size);
    socket.once('close', () => this.#open.delete(socket));
  }

  /** Notes the beginning of a request; the server calls this for each. */
  begin(request: { method: string; url: string; route: string; socket: Socket }): RequestRecord {
    const cut = request.url.indexOf('?');
    const record: RequestRecord = {
      number: this.#all.length + 1,
      method: request.method,
      path: cut === -1 ? request.url : request.url.slice(0, cut),
      query: cut === -1 ? '' : request.url.slice(cut + 1),
      route: request.route,
      status: undefined,
      startedAt: Date.now(),
      endedAt: undefined,
      connection: this.#numbers.get(request.socket) ?? 0,
    };
    this.#all.push(record);
    this.#running += 1;
    this.#mostConcurrent = Math.max(this.#mostConcurrent, this.#running);
    return record;
  }

  /** Notes the end of a request. */
  end(record: RequestRecord, status: number | undefined): void {
    if (record.endedAt !== undefined) return;
    record.status = status;
    record.endedAt = Date.now();
    this.#running -= 1;
  }
}
