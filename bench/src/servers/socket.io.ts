import process from 'node:process';
import { Server } from 'socket.io';
import { job } from './control.ts';
import { listen } from './node-listener.ts';

// WebSocket only, unless POLLING asks for the other transport, the request of the handshake not kept, bufferutil installed: the hints of its documentation for speed
// and memory. No heartbeat falls into a measurement.

const transports: ('websocket' | 'polling')[] = [process.env.POLLING === '1' ? 'polling' : 'websocket'];

listen((server) => {
  const io = new Server(server, { transports, serveClient: false, pingInterval: 600_000 });
  io.engine.on('connection', (socket: { request: unknown }) => {
    socket.request = null;
  });
  io.on('connection', (socket) => {
    if (job.mode === 'channel') socket.join('room');
    socket.on('m', (message: unknown) => {
      if (job.mode === 'echo') socket.emit('m', message);
      else if (job.mode === 'channel') io.to('room').emit('m', message);
      else io.emit('m', message);
    });
  });
});
