import { socketUrl } from '../shared/socket-url.ts';
import { type OpenLane, RETRY_DELAY, type Track } from './track.ts';

const PATH = '/race/socket';

/** A WebSocket, by the version of HTTP that the browser chooses. */
export const openWebSocket: OpenLane = (track) => {
  let socket: WebSocket;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  const open = () => {
    socket = connect(socketUrl(track.url(PATH)), track);
    socket.onclose = () => {
      if (!isOver) timer = setTimeout(open, RETRY_DELAY);
    };
  };
  open();
  return () => {
    isOver = true;
    clearTimeout(timer);
    socket.close();
  };
};

/**
 * A WebSocket over HTTP/1.1, also where the browser has a connection of HTTP/2 to the server: it is asked for under the
 * name with a dot at its end, which is the same host to the network and another to the browser. It is not tried again.
 */
export const openOverHttp1: OpenLane = (track) => {
  const url = new URL(socketUrl(track.url(PATH)));
  url.hostname = `${url.hostname}.`;
  // The address of a host stays what it is.
  if (!url.hostname.endsWith('.')) {
    track.opened();
    return () => {};
  }
  const socket = connect(url.href, track);
  // Other lanes do not wait for this one if there is no way.
  socket.onclose = track.opened;
  return () => socket.close();
};

function connect(url: string, { opened, take }: Track): WebSocket {
  const socket = new WebSocket(url);
  socket.onopen = opened;
  socket.onmessage = ({ data }: MessageEvent<string>) => take(data);
  return socket;
}
