import process from 'node:process';
import { type PerMessageDeflateOptions, WebSocket, WebSocketServer } from 'ws';
import { job } from './control.ts';
import { listen } from './node-listener.ts';

// The defaults, which are the fastest conforming configuration: messages are handed over as the buffers they came in, and
// echoed without decoding them. Skipping the validation of UTF-8 would be faster and against RFC 6455. Whether bufferutil
// unmasks is decided by the environment. With deflate: the default, or what the package's README shows to save memory.

const lean: PerMessageDeflateOptions = {
  zlibDeflateOptions: { chunkSize: 1024, memLevel: 7, level: 3 },
  zlibInflateOptions: { chunkSize: 10 * 1024 },
  clientNoContextTakeover: true,
  serverNoContextTakeover: true,
  serverMaxWindowBits: 10,
  concurrencyLimit: 10,
  threshold: 1024,
};
const perMessageDeflate = job.deflate && (process.env.LEAN_DEFLATE === '1' ? lean : true);

listen((server) => {
  const endpoint = new WebSocketServer({ server, perMessageDeflate });
  endpoint.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => {
      if (job.mode === 'echo') {
        socket.send(data, { binary: isBinary });
        return;
      }
      for (const client of endpoint.clients) {
        if (client.readyState === WebSocket.OPEN) client.send(data, { binary: isBinary });
      }
    });
  });
});
