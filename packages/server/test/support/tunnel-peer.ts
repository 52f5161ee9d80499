import { once } from 'node:events';
import { type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { BodyWriter, type Mode, RecordReader, type TunnelRecord } from '@tidewire/tunnel';
import { onTestFinished } from 'vitest';

// A client of a tunnel by single requests: it sends what no client library would.

export interface TunnelResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Asking {
  readonly method?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Uint8Array;
}

/** A request whose body is yet to be sent. */
export function begin(port: number, path: string, { method = 'POST', headers = {} }: Asking = {}): ClientRequest {
  const made = request({
    port,
    host: '127.0.0.1',
    path,
    method,
    headers: { 'Content-Type': 'text/plain', ...headers },
  });
  made.on('error', () => {});
  onTestFinished(() => void made.destroy());
  return made;
}

export async function responseTo(made: ClientRequest): Promise<IncomingMessage> {
  const [response] = await once(made, 'response');
  return response;
}

export async function ask(port: number, path: string, asking: Asking = {}): Promise<TunnelResponse> {
  const made = begin(port, path, asking);
  made.end(asking.body ?? '');
  const response = await responseTo(made);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) };
}

/** The code of an answer that is an error. */
export function codeOf({ body }: TunnelResponse): unknown {
  return JSON.parse(body.toString()).error.code;
}

export const opening = (subprotocols: string[] = []) => JSON.stringify({ version: 1, subprotocols });

export function openingPath(path: string): string {
  return `${path}${path.includes('?') ? '&' : '?'}tidewire-tunnel=open`;
}

export const done: TunnelRecord = { type: 'DONE' };
export const ack = (received: number, limit = 1_000_000): TunnelRecord => ({ type: 'ACK', received, limit });
export const data = (offset: number, bytes: Uint8Array): TunnelRecord => ({ type: 'DATA', offset, bytes });

/** A session that was opened. */
export class TunnelPeer {
  readonly port: number;
  readonly path: string;
  readonly key: Uint8Array;
  readonly opened: { readonly subprotocol: string; readonly parameters: Record<string, number> };
  readonly headers: IncomingHttpHeaders;
  readonly #origin: string | undefined;
  #number = 0;

  constructor(port: number, path: string, response: TunnelResponse, origin: string | undefined) {
    const opened = JSON.parse(response.body.toString());
    this.port = port;
    this.path = `${path}?tidewire-tunnel=${opened.id}`;
    this.key = Buffer.from(opened.key, 'hex');
    this.opened = opened;
    this.headers = response.headers;
    this.#origin = origin;
  }

  static async open(port: number, path = '/', subprotocols: string[] = [], origin?: string): Promise<TunnelPeer> {
    const headers = origin === undefined ? {} : { Origin: origin };
    const response = await ask(port, openingPath(path), { headers, body: opening(subprotocols) });
    if (response.status !== 200) throw new Error(`The status is ${response.status}: ${response.body}`);
    return new TunnelPeer(port, path, response, origin);
  }

  body(mode: Mode, ...records: TunnelRecord[]): Uint8Array {
    if (mode !== 'SEND') this.#number++;
    const writer = new BodyWriter();
    writer.add({ type: 'HEAD', version: 1, mode, number: this.#number, knownLimit: 1_000_000, key: this.key });
    for (const record of [...records, done]) writer.add(record);
    return writer.bytes();
  }

  get originHeader(): Record<string, string> {
    return this.#origin === undefined ? {} : { Origin: this.#origin };
  }

  async ask(mode: Mode, ...records: TunnelRecord[]): Promise<readonly TunnelRecord[]> {
    const { body, status } = await this.post(this.body(mode, ...records));
    if (status !== 200) throw new Error(`The status is ${status}: ${body}`);
    return new RecordReader().push(body);
  }

  post(body: Uint8Array, headers: Record<string, string> = this.originHeader): Promise<TunnelResponse> {
    return ask(this.port, this.path, { headers, body });
  }

  /** A streaming answer, and how to take from it. */
  async stream(...records: TunnelRecord[]): Promise<TunnelStreamed> {
    const made = begin(this.port, this.path, { headers: this.originHeader });
    made.end(this.body('STREAM', ...records));
    return new TunnelStreamed(await responseTo(made));
  }
}

export class TunnelStreamed {
  readonly response: IncomingMessage;
  readonly records: TunnelRecord[] = [];
  readonly #reader = new RecordReader();

  constructor(response: IncomingMessage) {
    this.response = response;
    response.on('error', () => {});
    response.on('data', (chunk) => {
      this.records.push(...this.#reader.push(chunk));
      response.emit('record');
    });
  }

  /** Waits for a record of a type. */
  async until(type: TunnelRecord['type']): Promise<void> {
    while (!this.records.some((record) => record.type === type)) await once(this.response, 'record');
  }

  /** Waits until so many bytes have come, and returns them all. */
  async bytes(length: number): Promise<Buffer> {
    while (bytesOf(this.records).length < length) await once(this.response, 'record');
    return bytesOf(this.records);
  }
}

export function bytesOf(records: readonly TunnelRecord[]): Buffer {
  return Buffer.concat(records.flatMap((record) => (record.type === 'DATA' ? [record.bytes] : [])));
}
