import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { type WebSocket as Peer, WebSocketServer } from 'ws';

// Servers on ports of the system's choice, which do with messages what a test wants.

export async function listen(server: HttpServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export interface Served {
  readonly url: string;
  readonly wss: WebSocketServer;
}

/** A server of the package `ws`. @param connected is called for each connection, which has a number from 0 on */
export async function wsServer(connected: (peer: Peer, number: number, url: string) => void): Promise<Served> {
  const server = createServer();
  const wss = new WebSocketServer({ server });
  let count = 0;
  wss.on('connection', (peer, request) => {
    peer.on('error', () => {});
    connected(peer, count, request.url ?? '');
    count += 1;
  });
  const port = await listen(server);
  onTestFinished(() => {
    for (const peer of wss.clients) peer.terminate();
  });
  return { url: `ws://127.0.0.1:${port}/`, wss };
}

/** Sends back what `answer` makes of each message: nothing, one, or several. */
export function echoServer(
  answer: (text: string, peer: Peer) => readonly string[] = (text) => [text],
): Promise<Served> {
  return wsServer((peer) => {
    peer.on('message', (data, isBinary) => {
      for (const text of answer(String(data), peer)) peer.send(isBinary ? Buffer.from(text) : text);
    });
  });
}

/**
 * Whoever sends `subscribe` gets all other messages.
 * @param route changes what a subscriber gets, whose number is from 0 on: the texts, in order
 */
export function broadcastServer(
  route: (text: string, receiver: number) => readonly string[] = (text) => [text],
): Promise<Served> {
  const subscribers: Peer[] = [];
  return wsServer((peer) => {
    peer.on('message', (data) => {
      const sent = String(data);
      if (sent === 'subscribe') subscribers.push(peer);
      else for (const [i, other] of subscribers.entries()) for (const text of route(sent, i)) other.send(text);
    });
  });
}
