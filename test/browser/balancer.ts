import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

// A load balancer that passes no WebSockets on, and knows nothing of sessions: streams and commands go to different nodes.

export interface Destinations {
  /** The port of the node that streams go to. */
  streams: number;
  /** The port of the one that everything else goes to. */
  others: number;
}

export interface Balancer {
  readonly port: number;
  readonly to: Destinations;
  /** The paths of what was passed on, each with the port that it went to. */
  readonly passed: (readonly [path: string, port: number])[];
  /** WebSockets that were refused. */
  refused: number;
}

export async function balancer(to: Destinations): Promise<Balancer> {
  const server = createServer((incoming, response) => {
    const path = incoming.url?.split('?')[0] ?? '';
    const port = path.startsWith('/connection/') ? balancing.to.streams : balancing.to.others;
    balancing.passed.push([path, port]);
    pass(incoming, response, port);
  });
  server.on('upgrade', (_request, stream) => {
    balancing.refused++;
    stream.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const balancing: Balancer = { port, to, passed: [], refused: 0 };
  return balancing;
}

function pass(incoming: IncomingMessage, response: ServerResponse, port: number): void {
  const { method, url: path, headers } = incoming;
  const onward = request({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 0, answer.headers).flushHeaders();
    answer.pipe(response);
    answer.on('error', () => response.destroy());
  });
  onward.on('error', () => response.destroy());
  response.on('error', () => {});
  response.on('close', () => onward.destroy());
  incoming.pipe(onward);
}
