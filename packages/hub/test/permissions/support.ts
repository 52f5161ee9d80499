import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CommandError, DisconnectError, type Visitor } from '@tidewire/hub';
import { onTestFinished } from 'vitest';

export const seconds = (fromNow: number): number => Math.floor(Date.now() / 1000) + fromNow;

export const visitor = (more: Partial<Visitor> = {}): Visitor => ({
  client: 'c1',
  user: '42',
  transport: 'websocket',
  connectionInfo: undefined,
  meta: undefined,
  trace: undefined,
  ...more,
});

/** What a client is told of a refusal: its code, and whether to try again. */
export async function refusalOf(ask: () => unknown): Promise<string> {
  try {
    await ask();
  } catch (error) {
    if (error instanceof CommandError) return `error ${error.code}${error.isTemporary ? ' temporary' : ''}`;
    if (error instanceof DisconnectError) return `disconnect ${error.disconnect.code}`;
    throw error;
  }
  return 'none';
}

/** Serves until the test has finished. */
export async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token by hand: `sign` gets what is to be signed. */
export function forge(header: object, claims: object, sign: (text: string) => Buffer): string {
  const text = `${encode(header)}.${encode(claims)}`;
  return `${text}.${sign(text).toString('base64url')}`;
}
