import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { report } from './control.ts';

const server = new WebSocketServer({ port: 0, host: '127.0.0.1' }, () =>
  report((server.address() as AddressInfo).port),
);
server.on('connection', (socket) => {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
});
