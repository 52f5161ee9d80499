import { job, ready, tls } from './control.ts';

// Bun's native server with its native topics. `true` compresses with its defaults.

interface BunSocket {
  send(message: string | Uint8Array, compress: boolean): number;
  subscribe(topic: string): void;
}

interface BunServer {
  readonly port: number;
  upgrade(request: Request): boolean;
  publish(topic: string, message: string | Uint8Array, compress: boolean): number;
}

declare const Bun: {
  serve(options: {
    port: number;
    hostname: string;
    tls: { key: Uint8Array; cert: Uint8Array } | undefined;
    fetch(request: Request, server: BunServer): Response | undefined;
    websocket: {
      perMessageDeflate: boolean;
      open(socket: BunSocket): void;
      message(socket: BunSocket, message: string | Uint8Array): void;
    };
  }): BunServer;
};

const fansOut = job.mode === 'fan-out';
const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  tls,
  fetch(request, server) {
    return server.upgrade(request) ? undefined : new Response('Not a WebSocket', { status: 426 });
  },
  websocket: {
    perMessageDeflate: job.deflate,
    open(socket) {
      if (fansOut) socket.subscribe('all');
    },
    message(socket, message) {
      if (fansOut) server.publish('all', message, job.deflate);
      else socket.send(message, job.deflate);
    },
  },
});
ready(server.port);
