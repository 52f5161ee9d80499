import { WebSocket } from '@tidewire/client/browser';
import { useEffect, useRef } from 'preact/hooks';
import { decodeServerMessage, encodeClientMessage, type ServerMessage } from '../chat-messages.ts';
import { type HandshakeView, useHandshake } from '../shared/handshake-panel.tsx';
import { socketUrl } from '../shared/socket-url.ts';
import { useLive } from '../shared/use-live.ts';
import { type Log, useLog } from '../shared/use-log.ts';
import { type Ending, type Socket, useSocket } from '../shared/use-socket.ts';
import { type Entry, imageEntry, noticeEntry, releaseEntry, textEntry } from './entry.ts';
import { problemWith, readImage } from './image-file.ts';
import { mayReconnect, reconnectDelay } from './reconnect.ts';
import { enterRoom, noticeOf, type Room, updateRoom } from './room.ts';

interface State {
  /** Undefined before the first welcome; the last known room while the connection is lost. */
  readonly room: Room | undefined;
  /** Whether the server has welcomed us on the present connection. */
  readonly welcomed: boolean;
  /** Whether we want to be in the room: until we leave, or the server says that it is no use. */
  readonly wanted: boolean;
  /** Attempts to connect that failed in a row. */
  readonly failures: number;
  /** When the next attempt to connect begins, in milliseconds since the epoch. */
  readonly retryAt: number | undefined;
  /** Why the server did not let us in. */
  readonly refusal: string | undefined;
}

export interface Chat extends State {
  readonly socket: Socket;
  readonly handshake: HandshakeView;
  readonly log: Log<Entry>;
  join(name: string): void;
  retryNow(): void;
  leave(): void;
  rename(name: string): void;
  say(text: string): void;
  sendImages(files: File[]): Promise<void>;
}

const outside: State = {
  room: undefined,
  welcomed: false,
  wanted: false,
  failures: 0,
  retryAt: undefined,
  refusal: undefined,
};

const kept = {
  maxEntries: 500,
  maxBytes: 128 * 1024 * 1024,
  sizeOf: (entry: Entry) => (entry.kind === 'image' ? entry.size : 0),
  release: releaseEntry,
};

/** Over plain requests where no WebSocket gets through. */
const whatGetsThrough = (url: string, protocols: string[]) => new WebSocket(url, protocols);

/** The chat as a member lives it: joining, talking, losing the connection and coming back. */
export function useChat(): Chat {
  const log = useLog<Entry>(kept);
  const handshake = useHandshake();
  const live = useLive(outside);
  const name = useRef('');
  const socket = useSocket({ open, message, close }, whatGetsThrough);

  function connect(): void {
    live.update({ retryAt: undefined, refusal: undefined });
    socket.connect(handshake.begin(socketUrl('/chat')));
  }

  function open({ transport }: { transport: Socket['transport'] }): void {
    if (transport === 'websocket') handshake.settle();
    else handshake.settleWithout();
    socket.send(encodeClientMessage({ type: 'join', name: name.current }));
  }

  function message(data: string | Uint8Array): void {
    const decoded = decodeServerMessage(data);
    if (!decoded.ok) {
      log.append(noticeEntry(`The server sent something that is not a message of the chat. ${decoded.error}`, 'error'));
    } else if (decoded.message.type === 'welcome') {
      live.update({ welcomed: true, failures: 0, room: enterRoom(decoded.message) });
      show(decoded.message);
    } else if (live.current.welcomed) {
      show(decoded.message);
    } else if (decoded.message.type === 'refused') {
      live.update({ wanted: false, refusal: decoded.message.message });
      socket.close(1000);
    }
  }

  function show(message: ServerMessage): void {
    if (live.current.room === undefined) return;
    const room = message.type === 'image' ? live.current.room : updateRoom(live.current.room, message);
    // Most messages change nothing but the log, which draws itself once per frame.
    if (room !== live.current.room) live.update({ room });
    const entry = entryOf(message, room);
    if (entry !== undefined) log.append(entry);
  }

  function close({ code, opened }: Ending): void {
    if (!opened) handshake.settle();
    const { welcomed, failures } = live.current;
    const wanted = live.current.wanted && mayReconnect(code);
    if (welcomed) log.append(noticeEntry(wanted ? 'Connection lost: what is said meanwhile is missed' : 'You are out'));
    live.update({ welcomed: false, wanted });
    if (wanted) live.update({ failures: failures + 1, retryAt: Date.now() + reconnectDelay(failures, Math.random()) });
  }

  const { retryAt } = live.current;
  useEffect(() => {
    if (retryAt === undefined) return;
    const timer = setTimeout(connect, retryAt - Date.now());
    return () => clearTimeout(timer);
  }, [retryAt]);

  return {
    ...live.current,
    socket,
    handshake: handshake.view,
    log,
    join(asName) {
      name.current = asName;
      live.update({ wanted: true, failures: 0 });
      connect();
    },
    retryNow: connect,
    leave() {
      live.update({ wanted: false, retryAt: undefined });
      socket.close(1000, 'left');
    },
    rename(asName) {
      name.current = asName;
      socket.send(encodeClientMessage({ type: 'rename', name: asName }));
    },
    say: (text) => socket.send(encodeClientMessage({ type: 'say', text })),
    async sendImages(files) {
      for (const file of files) {
        const problem = problemWith(file, live.current.room?.limits.image ?? 0);
        if (problem !== undefined) {
          log.append(noticeEntry(problem, 'error'));
          continue;
        }
        const image = await readImage(file);
        if (image === undefined) log.append(noticeEntry(`${file.name} could not be read`, 'error'));
        else if (live.current.welcomed) socket.send(encodeClientMessage(image));
      }
    },
  };
}

function entryOf(message: ServerMessage, room: Room): Entry | undefined {
  if (message.type === 'image') return imageEntry(message, message.from.id === room.you.id);
  if (message.type === 'said')
    return textEntry(message.from, message.from.id === room.you.id, message.text, message.at);
  const notice = noticeOf(room, message);
  if (notice === undefined) return undefined;
  return noticeEntry(notice, message.type === 'refused' ? 'error' : 'plain', 'at' in message ? message.at : Date.now());
}
