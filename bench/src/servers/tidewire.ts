import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketEndpoint } from '@tidewire/server';
import { report } from './control.ts';

const endpoint = new WebSocketEndpoint({
  message(socket, message) {
    socket.send(message);
  },
});
const server = createServer();
endpoint.attach(server, { path: '/' });
server.listen(0, '127.0.0.1', () => report((server.address() as AddressInfo).port));
