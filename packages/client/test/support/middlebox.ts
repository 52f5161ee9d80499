import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { afterThisTest } from './servers.ts';

/** What a proxy on the way does to what it passes on. How often: from 0, never, to 1, always. */
export interface Meddling {
  /** Answers are passed on when they are whole. */
  readonly buffers?: boolean;
  /** Answers that take longer are cut, in milliseconds. */
  readonly longest?: number;
  /** How often a request does not arrive. */
  readonly drop?: number;
  /** How often a request arrives and its answer does not. */
  readonly lose?: number;
  /** How often a request arrives twice. */
  readonly duplicate?: number;
  /** How often only the beginning of a request arrives, and how often only that of an answer. */
  readonly truncate?: number;
  /** How long a request is held back at most, in milliseconds, so that requests overtake each other. */
  readonly delay?: number;
  /** From 0 to 1. */
  readonly random?: () => number;
  /** Upgrades are passed on. */
  readonly upgrades?: boolean;
}

export interface Middlebox {
  /** The URL of the WebSocket behind it, by way of it. */
  readonly url: string;
  meddling: Meddling;
  /** How often each thing was done. */
  readonly done: Map<keyof Meddling | 'upgrade' | 'request', number>;
  /** Cuts all connections. */
  cut(): void;
  /** Upgraded connections stay, and nothing more gets through them. */
  freeze(): void;
}

/** Numbers that look random, the same for the same seed: mulberry32. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A proxy that passes no upgrades on, unless it is told to, and meddles with the rest, but for the openings of tunnels: those are not repeated. */
export async function middlebox(target: string, meddling: Meddling = {}): Promise<Middlebox> {
  const { port, pathname } = new URL(target);
  const server = createServer((incoming, response) => {
    const isOpening = incoming.url?.endsWith('=open') ?? false;
    const { buffers = false } = box.meddling;
    void new Passage(Number(port), isOpening ? { buffers } : box.meddling, note).pass(incoming, response);
  });
  const note = (what: keyof Meddling | 'upgrade' | 'request') => void box.done.set(what, (box.done.get(what) ?? 0) + 1);
  const upgraded = new Map<Duplex, Duplex>();
  server.on('upgrade', (incoming, stream, head) => {
    note('upgrade');
    stream.on('error', () => {});
    if (!box.meddling.upgrades) {
      stream.destroy();
      return;
    }
    upgraded.set(stream, passUpgrade(Number(port), incoming, stream, head));
    stream.on('close', () => upgraded.delete(stream));
  });
  const cut = () => {
    for (const stream of upgraded.keys()) stream.destroy();
    server.closeAllConnections();
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterThisTest(() => {
    cut();
    server.close();
  });
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`;
  const freeze = () => {
    for (const [stream, onward] of upgraded) {
      stream.unpipe(onward).pause();
      onward.unpipe(stream).pause();
    }
  };
  const box: Middlebox = { url, meddling, done: new Map(), cut, freeze };
  return box;
}

function passUpgrade(port: number, { method, url, rawHeaders }: IncomingMessage, stream: Duplex, head: Buffer): Duplex {
  const onward = connect(port, '127.0.0.1');
  const fields = rawHeaders.map((field, i) => (i % 2 === 0 ? `${field}: ` : `${field}\r\n`)).join('');
  onward.on('error', () => {});
  onward.write(`${method} ${url} HTTP/1.1\r\n${fields}\r\n`);
  onward.write(head);
  stream.pipe(onward).pipe(stream);
  onward.on('close', () => stream.destroy());
  stream.on('close', () => onward.destroy());
  return onward;
}

/** One request on its way. */
class Passage {
  readonly #port: number;
  readonly #meddling: Meddling;
  readonly #random: () => number;
  readonly #note: (what: keyof Meddling | 'request') => void;

  constructor(port: number, meddling: Meddling, note: (what: keyof Meddling | 'request') => void) {
    this.#port = port;
    this.#meddling = meddling;
    this.#random = meddling.random ?? Math.random;
    this.#note = note;
  }

  async pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#note('request');
    response.on('error', () => {});
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of incoming) chunks.push(chunk);
    } catch {
      return;
    }
    await this.#delay();
    if (this.#happens('drop')) {
      response.destroy();
      return;
    }
    const body = Buffer.concat(chunks);
    if (this.#happens('duplicate')) void this.#repeat(incoming, body);
    const { longest } = this.#meddling;
    const cutting = new AbortController();
    if (longest !== undefined) {
      wait(longest, undefined, { signal: cutting.signal }).then(
        () => response.destroy(),
        () => {},
      );
    }
    const onward = this.#ask(incoming, this.#happens('truncate') ? this.#beginningOf(body) : body, (answer) =>
      this.#answer(answer, response),
    );
    onward.on('error', () => response.destroy());
    response.on('close', () => {
      cutting.abort();
      onward.destroy();
    });
  }

  async #repeat(incoming: IncomingMessage, body: Buffer): Promise<void> {
    await this.#delay();
    this.#ask(incoming, body, (answer) => answer.on('error', () => {}).resume()).on('error', () => {});
  }

  #ask({ method, url, headers }: IncomingMessage, body: Buffer, answered: (answer: IncomingMessage) => void) {
    const { 'transfer-encoding': _, ...others } = headers;
    const onward = request({
      host: '127.0.0.1',
      port: this.#port,
      method,
      path: url,
      headers: { ...others, 'content-length': body.length },
    });
    onward.on('response', answered);
    onward.end(body);
    return onward;
  }

  #answer(answer: IncomingMessage, response: ServerResponse): void {
    answer.on('error', () => response.destroy());
    if (this.#happens('lose')) {
      answer.resume();
      response.destroy();
      return;
    }
    const { buffers = false } = this.#meddling;
    let left = this.#happens('truncate') ? this.#random() * 4096 : Number.POSITIVE_INFINITY;
    const { 'content-length': _, ...headers } = answer.headers;
    const kept: Buffer[] = [];
    const begin = () => response.writeHead(answer.statusCode ?? 0, headers);
    let isOver = false;
    const end = () => {
      if (isOver) return;
      isOver = true;
      if (buffers) begin();
      response.end(Buffer.concat(kept));
    };
    if (!buffers) begin().flushHeaders();
    answer.on('data', (chunk: Buffer) => {
      if (isOver) return;
      const part = chunk.subarray(0, left);
      left -= part.length;
      if (buffers) kept.push(part);
      else response.write(part);
      if (left >= 1) return;
      // Some proxies end what they have cut as if it were whole.
      if (this.#random() < 0.5) response.destroy();
      else end();
    });
    answer.on('end', end);
  }

  #happens(what: 'drop' | 'lose' | 'duplicate' | 'truncate'): boolean {
    const happens = this.#random() < (this.#meddling[what] ?? 0);
    if (happens) this.#note(what);
    return happens;
  }

  async #delay(): Promise<void> {
    const { delay = 0 } = this.#meddling;
    if (delay > 0) await wait(this.#random() * delay);
  }

  #beginningOf(body: Buffer): Buffer {
    return body.subarray(0, Math.floor(this.#random() * body.length));
  }
}
