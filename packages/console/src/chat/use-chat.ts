import { useEffect, useRef, useState } from 'preact/hooks';
import { type HandshakeView, useHandshake } from '../shared/handshake-panel.tsx';
import { memory } from './memory.ts';
import { unreadIn } from './room.ts';
import { ChatSession, type View } from './session.ts';

export interface Chat {
  readonly view: View;
  readonly session: ChatSession;
  readonly handshake: HandshakeView;
}

/** The chat as the state of a component; the room that is looked at stands in the URL, behind the #. */
export function useChat(): Chat {
  const handshake = useHandshake();
  const [, draw] = useState(0);
  const drawing = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const [session] = useState(
    () =>
      new ChatSession(handshake, () => {
        // What comes at once is drawn at once; also in a window that nobody sees, whose title tells of it.
        drawing.current ??= setTimeout(() => {
          drawing.current = undefined;
          draw((count) => count + 1);
        });
      }),
  );
  const { view } = session;

  useEffect(() => {
    const toHash = () => {
      const name = decode(location.hash.slice(1));
      if (name !== '') session.open(name);
    };
    toHash();
    addEventListener('hashchange', toHash);
    if (memory.isIn && memory.name !== '') void session.enter(memory.name);
    return () => removeEventListener('hashchange', toHash);
  }, [session]);

  useEffect(() => {
    const hash = `#${encodeURIComponent(view.current)}`;
    if (view.you !== undefined && location.hash !== hash) history.replaceState(null, '', hash);
  }, [view.current, view.you]);

  const room = view.rooms.get(view.current);
  useEffect(() => {
    const look = () => {
      if (document.visibilityState === 'visible') session.read();
    };
    look();
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, [room?.entries, session]);

  const unread = [...view.rooms.values()].reduce((sum, each) => sum + unreadIn(each), 0);
  useEffect(() => {
    document.title = `${unread > 0 ? `(${unread}) ` : ''}Chat · Tidewire`;
  }, [unread]);

  return { view, session, handshake: handshake.view };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
