import { job, ready, tls } from './control.ts';

// Deno's native server. It has no topics: a loop does what they would do. Without its idle timeout no timer runs.

interface DenoSocket {
  binaryType: string;
  onopen: () => void;
  onclose: () => void;
  onmessage: (event: { data: string | ArrayBuffer }) => void;
  send(message: string | ArrayBuffer): void;
}

declare const Deno: {
  serve(
    options: { port: number; hostname: string; key?: string; cert?: string; onListen(address: { port: number }): void },
    handler: (request: Request) => Response,
  ): void;
  upgradeWebSocket(request: Request, options: { idleTimeout: number }): { socket: DenoSocket; response: Response };
};

const sockets = new Set<DenoSocket>();

function handle(request: Request): Response {
  const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
  socket.binaryType = 'arraybuffer';
  if (job.mode === 'echo') {
    socket.onmessage = ({ data }) => socket.send(data);
    return response;
  }
  socket.onopen = () => sockets.add(socket);
  socket.onclose = () => sockets.delete(socket);
  socket.onmessage = ({ data }) => {
    for (const each of sockets) each.send(data);
  };
  return response;
}

const certificate = tls && { key: tls.key.toString(), cert: tls.cert.toString() };
Deno.serve({ port: 0, hostname: '127.0.0.1', ...certificate, onListen: ({ port }) => ready(port) }, handle);
