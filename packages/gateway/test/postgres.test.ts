import { Duplex } from 'node:stream';
import { WebSocket } from '@tidewire/client';
import { Client as PgClient } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { PostgresServer } from '../../../test/servers/postgres.ts';
import { startGateway } from './support.ts';

const path = inject('postgres');
let postgres: PostgresServer;

beforeAll(async () => {
  if (path !== '') postgres = await PostgresServer.start(path);
});

afterAll(() => postgres?.close());

/** A WebSocket as pg takes a socket of TCP. */
class SocketStream extends Duplex {
  readonly #url: string;
  #socket: WebSocket | undefined;

  constructor(url: string) {
    super({ allowHalfOpen: false });
    this.#url = url;
  }

  connect(): void {
    const socket = new WebSocket(this.#url, ['binary']);
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.emit('connect');
    socket.onmessage = ({ data }) => this.push(Buffer.from(data));
    socket.onclose = () => this.push(null);
  }

  setNoDelay(): void {}
  setKeepAlive(): void {}
  ref(): void {}
  unref(): void {}

  override _read(): void {}

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.#socket?.send(chunk);
    done();
  }

  override _final(done: () => void): void {
    this.#socket?.close(1000);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket?.close(1000);
    done(error);
  }
}

async function pgClient(url: string): Promise<PgClient> {
  const stream = () => new SocketStream(`${url}/db`);
  const config = { user: postgres.user, database: 'postgres', stream: stream as never };
  const client = new PgClient(config);
  client.on('error', () => {});
  await client.connect();
  onTestFinished(() => client.end().catch(() => {}));
  return client;
}

describe.skipIf(path === '')('PostgreSQL through `binary`, by pg:', () => {
  test('many rows, and a value of megabytes both ways', async () => {
    const { url, events } = await startGateway([{ name: 'db', host: '127.0.0.1', port: postgres.port }]);
    const client = await pgClient(url);
    const many = await client.query<{ n: number }>('SELECT n FROM generate_series(1, 100000) AS n');
    expect(many.rows.length).toBe(100_000);
    expect(many.rows.at(-1)).toEqual({ n: 100_000 });
    const bytes = Buffer.alloc(5_000_000, 'tide');
    const { rows } = await client.query<{ b: Buffer; l: number }>('SELECT $1::bytea AS b, length($1::bytea) AS l', [
      bytes,
    ]);
    expect(rows[0]?.l).toBe(5_000_000);
    expect(rows[0]?.b.equals(bytes)).toBe(true);
    expect(events).toContain('opened db binary');
  });

  test('many clients at once, each with its own connection', async () => {
    const { url, gateway } = await startGateway([{ name: 'db', host: '127.0.0.1', port: postgres.port }]);
    const clients = await Promise.all(Array.from({ length: 20 }, () => pgClient(url)));
    const ids = await Promise.all(
      clients.map((client) => client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')),
    );
    expect(new Set(ids.map(({ rows }) => rows[0]?.pid)).size).toBe(20);
    expect(gateway.connections.size).toBe(20);
  });

  test('a restart ends the clients, and new ones come in', async () => {
    const { url } = await startGateway([{ name: 'db', host: '127.0.0.1', port: postgres.port }]);
    const client = await pgClient(url);
    const ended = new Promise((resolve) => client.once('end', () => resolve(undefined)));
    await postgres.kill();
    await ended;
    await expect(pgClient(url)).rejects.toThrow();
    await postgres.start();
    const { rows } = await (await pgClient(url)).query('SELECT 1 AS one');
    expect(rows).toEqual([{ one: 1 }]);
  });
});
