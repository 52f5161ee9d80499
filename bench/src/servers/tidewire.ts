import { WebSocketEndpoint } from '@tidewire/server';
import { job } from './control.ts';
import { listen } from './node-listener.ts';

// The defaults, with the heartbeat and all limits on.

const fansOut = job.mode === 'fan-out';
const endpoint = new WebSocketEndpoint({
  deflate: job.deflate,
  open(socket) {
    if (fansOut) socket.subscribe('all');
  },
  message(socket, message) {
    if (fansOut) endpoint.publish('all', message);
    else socket.send(message);
  },
});
listen((server) => endpoint.attach(server, { path: '/' }));
