import type { WebSocket as AnywhereWebSocket } from '@tidewire/client/browser';
import { useRef } from 'preact/hooks';
import { useLive } from './use-live.ts';

export type SocketState = 'CONNECTING' | 'OPEN' | 'CLOSING' | 'CLOSED';

/** How a connection ended: the fields of the CloseEvent, and whether it was ever open. */
export interface Ending {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
  readonly opened: boolean;
}

export interface SocketHandlers {
  open(details: {
    readonly protocol: string;
    readonly extensions: string;
    readonly transport: Transport | undefined;
  }): void;
  message(data: string | Uint8Array<ArrayBuffer>): void;
  close(ending: Ending): void;
}

/** What carries the messages. */
export type Transport = NonNullable<AnywhereWebSocket['transport']>;

interface Snapshot {
  /** `CLOSED` before the first connection, too. */
  readonly state: SocketState;
  /** Bytes handed to `send` that are not with the network yet. */
  readonly bufferedAmount: number;
  /** Set once a connection has ended, until the next one begins. */
  readonly ending: Ending | undefined;
  /** Set while there is a connection. It may change with each message: a tunnel is moved to a WebSocket once one gets through. */
  readonly transport: Transport | undefined;
}

export interface Socket extends Snapshot {
  /** Opens a connection; throws what the WebSocket constructor throws. The last one must have ended. */
  connect(url: string, protocols?: string[]): void;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  /** Throws what `WebSocket.close` throws: `code` is 1000 or 3000 to 4999, `reason` at most 123 bytes of UTF-8. */
  close(code?: number, reason?: string): void;
}

type AnySocket = WebSocket | AnywhereWebSocket;

const native = (url: string, protocols: string[]): AnySocket => new WebSocket(url, protocols);

/**
 * A WebSocket as the state of a component. The handlers of the latest rendering are called.
 * @param open makes the WebSocket. Default: the browser's own
 */
export function useSocket(handlers: SocketHandlers, open = native): Socket {
  const live = useLive<Snapshot>({ state: 'CLOSED', bufferedAmount: 0, ending: undefined, transport: undefined });
  const latest = useRef(handlers);
  latest.current = handlers;
  const socket = useRef<AnySocket | undefined>(undefined);

  return {
    ...live.current,
    connect(url, protocols = []) {
      const opening = open(url, protocols);
      const transport = () => ('transport' in opening ? opening.transport : 'websocket');
      opening.binaryType = 'arraybuffer';
      let opened = false;
      opening.onopen = () => {
        opened = true;
        live.update({ state: 'OPEN', transport: transport() });
        latest.current.open({ protocol: opening.protocol, extensions: opening.extensions, transport: transport() });
      };
      opening.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
        if (transport() !== live.current.transport) live.update({ transport: transport() });
        latest.current.message(typeof data === 'string' ? data : new Uint8Array(data));
      };
      opening.onclose = ({ code, reason, wasClean }) => {
        const ending = { code, reason, wasClean, opened };
        live.update({ state: 'CLOSED', bufferedAmount: 0, ending, transport: undefined });
        latest.current.close(ending);
      };
      socket.current = opening;
      live.update({ state: 'CONNECTING', bufferedAmount: 0, ending: undefined, transport: undefined });
    },
    send(data) {
      const sending = socket.current;
      if (sending === undefined) return;
      sending.send(data);
      // Nothing tells when the buffer has emptied: look at each frame while there is something in it.
      const watch = () => {
        if (sending.readyState === WebSocket.CLOSED) return;
        live.update({ bufferedAmount: sending.bufferedAmount });
        if (sending.bufferedAmount > 0) requestAnimationFrame(watch);
      };
      if (sending.bufferedAmount > 0 && live.current.bufferedAmount === 0) watch();
    },
    close(code, reason) {
      const closing = socket.current;
      if (closing === undefined) return;
      closing.close(code, reason);
      if (closing.readyState === WebSocket.CLOSING) live.update({ state: 'CLOSING' });
    },
  };
}
