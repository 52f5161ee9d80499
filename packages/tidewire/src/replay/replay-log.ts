import { closeSync, rmSync, writeSync } from 'node:fs';
import type { SessionEnd } from '@tidewire/client';
import {
  type ConnectionRecord,
  connectionLine,
  endLine,
  type HeaderPairs,
  headLine,
  type MessageData,
  maskConnection,
  maskMessage,
  messageLine,
  plainMessage,
} from '@tidewire/inspector/recording';
import { openNew } from '../new-file.ts';

// Writes what happens to a file of JSON lines, while it happens.

export class ReplayLog {
  readonly #path: string;
  readonly #file: number;
  readonly #showsSecrets: boolean;
  readonly #connections = new Map<number, ConnectionRecord>();
  #seq = 0;

  /** @throws UsageError if the file is there already, or cannot be made */
  constructor(path: string, showsSecrets: boolean) {
    this.#path = path;
    this.#file = openNew('--record', path);
    this.#showsSecrets = showsSecrets;
    this.#write(headLine());
  }

  /** The connection is being opened. */
  begins(id: number, url: string, headers: HeaderPairs): void {
    this.#set({
      id,
      openedAt: now(),
      url: url.replace(/^http/i, 'ws'),
      source: 'tidewire replay',
      request: { method: 'GET', httpVersion: 'HTTP/1.1', headers },
      subprotocol: '',
      extensions: '',
    });
  }

  answered(id: number, status: number, headers: HeaderPairs, subprotocol: string): void {
    const record = this.#connections.get(id);
    if (record === undefined) return;
    const extensions = headers.find(([name]) => name.toLowerCase() === 'sec-websocket-extensions')?.[1] ?? '';
    this.#set({ ...record, response: { status, headers }, subprotocol, extensions });
  }

  message(connection: number, direction: 'toServer' | 'toClient', data: MessageData): void {
    this.#seq += 1;
    const record = plainMessage({ seq: this.#seq, connection, at: now(), direction, data });
    this.#write(messageLine(this.#showsSecrets ? record : maskMessage(record)));
  }

  ended(connection: number, { code, reason, wasClean, failure }: SessionEnd, by: 'client' | 'server'): void {
    const error = failure === undefined ? {} : { error: failure.message };
    this.#write(endLine(connection, { at: now(), code, reason, wasClean, by, ...error }));
  }

  close(): void {
    closeSync(this.#file);
  }

  /** Nothing has happened: takes the file away again. After `close`. */
  discard(): void {
    rmSync(this.#path, { force: true });
  }

  #set(record: ConnectionRecord): void {
    this.#connections.set(record.id, record);
    this.#write(connectionLine(this.#showsSecrets ? record : maskConnection(record)));
  }

  #write(line: string): void {
    writeSync(this.#file, line);
  }
}

function now(): number {
  return performance.timeOrigin + performance.now();
}
