// Peers that are wrong on purpose, on bare TCP.
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { acceptFor, readHead } from '../src/handshake.ts';
import type { ServerTarget } from '../src/peer.ts';

export interface WrongServer extends ServerTarget {
  stop(): void;
}

/** Opens every connection, and then does with the tester's frames what `answer` says. */
export async function startWrongServer(answer: (socket: Socket, chunk: Buffer) => void): Promise<WrongServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', (request: Buffer) => {
      const key = readHead(request.toString('latin1')).headers.get('sec-websocket-key') ?? '';
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptFor(key)}\r\n\r\n`,
      );
      socket.on('data', (chunk: Buffer) => answer(socket, chunk));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    host: '127.0.0.1',
    port: address.port,
    path: '/',
    nextPeer: () => Promise.resolve({ closed: Promise.resolve({ code: 1006, reason: '' }), close: () => {} }),
    stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** Sends each short frame back without its mask, whatever it is, and looks at nothing. */
export function parrot(socket: Socket, chunk: Buffer): void {
  for (let at = 0; at + 6 <= chunk.length; ) {
    const length = chunk.readUInt8(at + 1) & 127;
    const key = chunk.subarray(at + 2, at + 6);
    const payload = chunk.subarray(at + 6, at + 6 + length).map((byte, n) => byte ^ key.readUInt8(n % 4));
    socket.write(Buffer.concat([Buffer.from([chunk.readUInt8(at), length]), payload]));
    at += 6 + length;
  }
}
