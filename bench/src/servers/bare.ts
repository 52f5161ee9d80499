import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { readShared, sharedReader } from '@tidewire/node';
import { job } from './control.ts';
import { listen } from './node-listener.ts';

// Not a WebSocket server, but what is left of one if it does nothing: the bound that Node sets to all that stand on it.
//
// It answers the handshake without checking it, and takes for granted that each read brings whole, small, masked frames of
// one kind. It reads in the fastest way there is, and writes each answer once, with `socket.write`. There are no states, no
// timeouts, no limits and no closing handshake.

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const extension = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover';
const extensionHeader = job.deflate ? `Sec-WebSocket-Extensions: ${extension}\r\n` : '';

const sockets = new Set<Socket>();

/** The frames of a read, without their masks: a compressed payload stays as it is. */
function unmask(chunk: Uint8Array): Uint8Array {
  const answer = Buffer.allocUnsafe(chunk.length);
  let end = 0;
  for (let at = 0; at < chunk.length; ) {
    const short = (chunk[at + 1] ?? 0) & 0x7f;
    const headerSize = short < 126 ? 2 : 4;
    const size = short < 126 ? short : ((chunk[at + 2] ?? 0) << 8) | (chunk[at + 3] ?? 0);
    answer[end] = chunk[at] ?? 0;
    answer[end + 1] = short;
    if (headerSize === 4) answer.set(chunk.subarray(at + 2, at + 4), end + 2);
    const key = at + headerSize;
    at = key + 4;
    end += headerSize;
    for (let i = 0; i < size; i++) answer[end + i] = (chunk[at + i] ?? 0) ^ (chunk[key + (i & 3)] ?? 0);
    at += size;
    end += size;
  }
  return answer.subarray(0, end);
}

function onChunk(this: unknown, chunk: Uint8Array): void {
  const answer = unmask(chunk);
  if (job.mode === 'echo') (this as Socket).write(answer);
  else for (const socket of sockets) socket.write(answer);
}

const reader = sharedReader(onChunk);

function leave(this: Socket): void {
  sockets.delete(this);
  this.destroy();
}

listen((server) => {
  server.on('upgrade', (request, stream) => {
    const socket = stream as Socket;
    socket.setNoDelay(true);
    const key = `${request.headers['sec-websocket-key']}${GUID}`;
    const accept = createHash('sha1').update(key).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${extensionHeader}\r\n`,
      'latin1',
    );
    socket.on('end', leave);
    socket.on('error', leave);
    sockets.add(socket);
    if (!readShared(socket, reader)) socket.on('data', onChunk);
    else socket.resume();
  });
});
