import { createServer } from 'node:http2';
import process from 'node:process';
import { WebSocketEndpoint } from '@tidewire/server';
import { job } from './control.ts';
import { listen, listenWith } from './node-listener.ts';

// The defaults, with the heartbeat and all limits on. LEND_BINARY lends binary messages to the handler; HTTP2 serves HTTP/2
// without TLS.

const fansOut = job.mode === 'fan-out';
const endpoint = new WebSocketEndpoint({
  deflate: job.deflate,
  lendBinary: process.env.LEND_BINARY === '1',
  open(socket) {
    if (fansOut) socket.subscribe('all');
  },
  message(socket, message) {
    if (fansOut) endpoint.publish('all', message);
    else socket.send(message);
  },
});
if (process.env.HTTP2 === '1') {
  const server = createServer();
  endpoint.attach(server, { path: '/' });
  listenWith(server);
} else {
  listen((server) => endpoint.attach(server, { path: '/' }));
}
