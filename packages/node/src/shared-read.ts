import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';

// Reading without a buffer for each read.
//
// Node reads each chunk of a `data` event into a buffer of 64 KiB that it allocates and then cuts to size. It can read
// into one that is handed in instead: the `onread` option of net.Socket, which is documented for sockets that a program
// creates, but not to be had for those that a server accepts. What the option sets is set here afterwards, on the socket
// that exists already, so that everything else about that socket stays as it is: `server.close()`, timeouts, counts.
//
// One buffer serves all sockets of the process, because what is in it is used up before the process can read again. This
// is worth a seventh of the CPU time of an echo of 20 bytes with one message in flight.
//
// Two properties of Node that are not documented carry this. They are there in Node 20, 22, 24 and 26, under each of which
// both ways of reading are tested (test/nodes.mjs). Where either is missing, `readShared` says no, and its caller reads
// `data` events. TLS always does: its handle may decrypt more while it is being written to.

const buffer = Buffer.allocUnsafeSlow(64 * 1024);

/** What Node calls, as a method of the stream, when there are `count` bytes in the buffer. */
export type SharedReader = (this: Duplex, count: number) => boolean;

interface Properties {
  buffer: symbol;
  callback: symbol;
}

let properties: Properties | undefined;

function findProperties(socket: Socket): Properties | undefined {
  const symbols = Object.getOwnPropertySymbols(socket);
  const named = (name: string) => symbols.find(({ description }) => description === name);
  const [ofBuffer, ofCallback] = [named('kBuffer'), named('kBufferCb')];
  return ofBuffer && ofCallback && { buffer: ofBuffer, callback: ofCallback };
}

/** A reader that calls `take`, as a method of the stream, with a view of the buffer, which the next read overwrites. */
export function sharedReader(take: (this: Duplex, chunk: Uint8Array) => void): SharedReader {
  return function onRead(this: Duplex, count: number): boolean {
    take.call(this, buffer.subarray(0, count));
    // `false` would make Node stop reading.
    return true;
  };
}

/**
 * From here on what `stream` reads goes to `reader`, which may serve many streams. The events `end`, `error` and `close`,
 * `pause` and `resume` are as ever; there are no more `data` events.
 * @returns whether it does: `false` where this stream or this version of Node cannot do it, and nothing has changed
 */
export function readShared(stream: Duplex, reader: SharedReader): boolean {
  if (!(stream instanceof Socket) || stream instanceof TLSSocket) return false;
  // What has been read already, but not delivered, would come after what is read next.
  if (stream.readableLength > 0 || stream.readableEnded || stream.destroyed) return false;
  const handle = '_handle' in stream ? stream._handle : undefined;
  if (typeof handle !== 'object' || handle === null || !('useUserBuffer' in handle)) return false;
  const { useUserBuffer } = handle;
  if (typeof useUserBuffer !== 'function') return false;
  properties ??= findProperties(stream);
  if (properties === undefined) return false;

  Object.assign(stream, { [properties.buffer]: buffer, [properties.callback]: reader });
  useUserBuffer.call(handle, buffer);
  return true;
}
