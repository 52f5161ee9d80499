// The peers under test: the server and the client as anybody would use them, made into echo peers. To try another
// implementation, write these two functions for it.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { WebSocket } from '@tidewire/client';
import { WebSocketEndpoint } from '@tidewire/server';
import type { ClientPeer, Peer, Report, ServerTarget } from './peer.ts';

/** Room for the messages of section 9; small messages are compressed, too; silent testers are left soon. */
const limits = { maxMessageSize: 32 * 2 ** 20, maxBufferedAmount: 64 * 2 ** 20 };
const closeTimeout = 300;

export interface RunningServer extends ServerTarget {
  stop(): Promise<void>;
}

export async function startServerUnderTest(): Promise<RunningServer> {
  let waiting: ((peer: Peer) => void) | undefined;
  const reports = new Map<unknown, (report: Report) => void>();
  const endpoint = new WebSocketEndpoint({
    open(socket) {
      const closed = new Promise<Report>((resolve) => reports.set(socket, resolve));
      waiting?.({ closed, close: (code, reason) => socket.close(code, reason) });
    },
    message(socket, message) {
      socket.send(message);
    },
    close(socket, code, reason) {
      reports.get(socket)?.({ code, reason });
      reports.delete(socket);
    },
    deflate: { threshold: 0, serverNoContextTakeover: false, clientNoContextTakeover: false },
    limits,
    closeTimeout,
  });
  const server = createServer();
  endpoint.attach(server, { path: '/echo' });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  return {
    host: '127.0.0.1',
    port: address.port,
    path: '/echo',
    nextPeer: () =>
      new Promise((resolve) => {
        waiting = resolve;
      }),
    async stop() {
      server.close();
      server.closeAllConnections();
      await endpoint.close();
    },
  };
}

export function startClientUnderTest(url: string, options: { readonly deflate: boolean }): ClientPeer {
  const socket = new WebSocket(url, [], {
    deflate: options.deflate,
    compressionThreshold: 0,
    limits,
    closeTimeout,
    proxy: false,
  });
  socket.binaryType = 'arraybuffer';
  socket.onmessage = (event) => socket.send(event.data);
  const closed = new Promise<Report>((resolve) => {
    socket.onclose = (event) => resolve({ code: event.code, reason: event.reason });
  });
  const opened = new Promise<boolean>((resolve) => {
    socket.onopen = () => resolve(true);
    void closed.then(() => resolve(false));
  });
  return { opened, closed, close: (code, reason) => socket.close(code, reason) };
}
