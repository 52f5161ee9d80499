import { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

// A client may send an upgrade behind a request whose response is not finished: HTTP/1.1 pipelining. What answers the
// upgrade must then wait, or it would end up in the middle of that response. Node has by then let go of the connection,
// so what the response needs to know of it has to be passed on to it.

/** The response that is not finished, if there is one. */
export function earlierResponse(stream: Duplex): ServerResponse | undefined {
  const earlier = '_httpMessage' in stream ? stream._httpMessage : undefined;
  return earlier instanceof ServerResponse ? earlier : undefined;
}

/** Calls `then` when this response and all that follow it are finished. Not at all if the client is gone. */
export function afterResponse(earlier: ServerResponse, stream: Duplex, then: () => void): void {
  const drained = () => void earlier.emit('drain');
  const gone = () => void earlier.destroy();
  stream.on('error', gone);
  stream.on('drain', drained);
  stream.on('close', gone);
  earlier.once('close', () => {
    if (stream.destroyed) return;
    stream.off('drain', drained);
    stream.off('close', gone);
    // By now Node has given the stream to the next response, if there is one.
    const next = earlierResponse(stream);
    if (next === undefined) then();
    else afterResponse(next, stream, then);
  });
}
