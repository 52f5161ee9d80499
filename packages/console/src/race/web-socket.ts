import { socketUrl } from '../shared/socket-url.ts';
import { type OpenLane, RETRY_DELAY } from './track.ts';

/** A WebSocket, by the version of HTTP that the browser chooses. */
export const openWebSocket: OpenLane = (track) => {
  let socket: WebSocket;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  const open = () => {
    socket = new WebSocket(socketUrl(track.url('/race/socket')));
    socket.onopen = track.opened;
    socket.onmessage = ({ data }: MessageEvent<string>) => track.take(data);
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
