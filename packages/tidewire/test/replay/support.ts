import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ConnectionEnd,
  type ConnectionRecord,
  jsonLinesOf,
  type MessageData,
  type MessageRecord,
  plainMessage,
  type Recording,
} from '@tidewire/inspector/recording';
import { type EndpointOptions, WebSocketEndpoint } from '@tidewire/server';
import { onTestFinished } from 'vitest';

const BEGAN = 1_790_000_000_000;

/** What happened on a connection: when, in milliseconds from the beginning; to the server or to the client; and what. */
export type Happening = readonly [
  at: number,
  direction: 'up' | 'down',
  data: MessageData,
  changes?: Partial<MessageRecord>,
];

/** A recording of connections, each with what happened on it and how it ended. */
export function recordingOf(
  ...connections: {
    happened?: readonly Happening[];
    end?: Partial<ConnectionEnd>;
    record?: Partial<ConnectionRecord>;
  }[]
): Recording {
  const records = connections.map(
    ({ end, record }, index): ConnectionRecord => ({
      id: index + 1,
      openedAt: BEGAN,
      url: 'wss://example.com/feed?room=1',
      source: 'test',
      request: { method: 'GET', httpVersion: 'HTTP/1.1', headers: [] },
      response: { status: 101, headers: [] },
      subprotocol: '',
      extensions: '',
      ...record,
      ...(end === undefined
        ? {}
        : { end: { at: BEGAN + 200, code: 1000, reason: '', wasClean: true, by: 'client', ...end } }),
    }),
  );
  const messages = connections
    .flatMap(({ happened = [] }, index) => happened.map((each) => ({ each, connection: index + 1 })))
    .map(({ each: [at, way, data, changes], connection }, index) => ({
      ...plainMessage({
        ...{ seq: index + 1, connection, at: BEGAN + at, data },
        direction: way === 'up' ? 'toServer' : 'toClient',
      }),
      ...changes,
    }));
  return { connections: records, messages };
}

export const linesOf = (recording: Recording) => [...jsonLinesOf(recording)].join('');

/** A file that is there until the end of the test. */
export function fileOf(content: string, name = 'recording.jsonl'): string {
  const folder = mkdtempSync(join(tmpdir(), 'tidewire-replay-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

/** What a server saw. */
export interface Seen {
  readonly url: string;
  /** All requests. */
  readonly requests: IncomingMessage[];
  /** Messages with the time at which they came, in milliseconds. */
  readonly messages: { readonly data: MessageData; readonly at: number }[];
  readonly ends: (readonly [code: number, reason: string])[];
}

/** A server until the end of the test: an echo, if nothing else is said. */
export async function serverOf(handlers: EndpointOptions<undefined> = {}): Promise<Seen> {
  const requests: IncomingMessage[] = [];
  const messages: { data: MessageData; at: number }[] = [];
  const ends: [number, string][] = [];
  const respond = handlers.message ?? ((socket, data) => void socket.send(data));
  const endpoint = new WebSocketEndpoint<undefined>({
    ...handlers,
    message: (socket, data) => {
      messages.push({ data: typeof data === 'string' ? data : new Uint8Array(data), at: performance.now() });
      return respond(socket, data);
    },
    close: (_socket, code, reason) => void ends.push([code, reason]),
  });
  const server = createServer();
  server.on('upgrade', (request) => requests.push(request));
  endpoint.attach(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.close();
    await endpoint.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `ws://127.0.0.1:${port}/`, requests, messages, ends };
}
