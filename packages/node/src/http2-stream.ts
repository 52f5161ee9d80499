import type { Http2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';

// What is different about a stream of HTTP/2: RFC 8441, 5. Its end is END_STREAM, as that of a TCP connection is FIN, and
// Node does that by itself. Its abrupt end is RST_STREAM with CANCEL, as that of a TCP connection is RST.

/** RFC 9113, 7. */
const CANCEL = 0x8;

export function isHttp2Stream(stream: Duplex): stream is Http2Stream {
  return 'rstCode' in stream && 'session' in stream;
}

/** Drops the stream at once. The peer learns of it with RST_STREAM, the connection lives on. */
export function cancelHttp2Stream(stream: Http2Stream): void {
  if (!stream.closed) stream.close(CANCEL);
  // RST_STREAM may have to wait behind what the peer does not take.
  stream.destroy();
}

/** Drops a stream of any kind at once. */
export function destroyStream(stream: Duplex): void {
  if (isHttp2Stream(stream)) cancelHttp2Stream(stream);
  else stream.destroy();
}

/**
 * How many bytes the connection of the stream has been given. Nothing tells how much of a write has left on one stream, so
 * this is what shows that a peer takes something: what it takes on other streams counts as well.
 */
export function bytesOfConnection(stream: Http2Stream): number {
  const { session } = stream;
  // A session that is gone has a socket whose every property throws.
  return session === undefined || session.destroyed ? 0 : session.socket.bytesWritten;
}
