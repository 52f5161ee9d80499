import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

// The network between a client and a server: it counts what passes, and can be cut.

export interface Network {
  /** Bytes that have passed, both ways. */
  readonly bytes: number;
  /** Drops everything, and lets nothing through any more. */
  cut(): void;
}

export interface Relay extends Network {
  readonly port: number;
}

/** Passes bytes on to `port`, ends and resets of connections included. */
export async function relayTo(port: number): Promise<Relay> {
  const sockets = new Set<Socket>();
  let bytes = 0;
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    const far = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('data', (chunk) => {
        bytes += chunk.length;
      });
      from.on('error', () => to.resetAndDestroy());
      from.on('close', () => sockets.delete(from));
      from.pipe(to);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    server.close();
    for (const socket of sockets) socket.resetAndDestroy();
  };
  onTestFinished(cut);
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    get bytes() {
      return bytes;
    },
  };
}
