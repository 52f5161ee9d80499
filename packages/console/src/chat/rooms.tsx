import { useState } from 'preact/hooks';
import { chatLimits, standingRooms } from '../chat-messages.ts';
import { type Room, unreadIn } from './room.ts';
import { Unread } from './unread.tsx';
import type { Chat } from './use-chat.ts';

/** The rooms that this page is in, and a way into others. */
export function Rooms({ chat, onOpened }: { chat: Chat; onOpened: () => void }) {
  const { view, session } = chat;
  const [name, setName] = useState('');
  const [problem, setProblem] = useState<string | undefined>(undefined);

  return (
    <nav class="card rooms" aria-label="Rooms">
      <h2>Rooms</h2>
      <ul data-testid="rooms">
        {[...view.rooms.values()].map((room) => (
          <li key={room.name}>
            <RoomLink
              room={room}
              isCurrent={room.name === view.current}
              onOpen={() => {
                session.open(room.name);
                onOpened();
              }}
            />
            {!standingRooms.includes(room.name) && (
              <button
                type="button"
                class="small close-room"
                aria-label={`Leave the room ${room.name}`}
                onClick={() => session.close(room.name)}
              >
                ×
              </button>
            )}
          </li>
        ))}
      </ul>
      <form
        class="name-form"
        onSubmit={(event) => {
          event.preventDefault();
          const trouble = session.open(name);
          setProblem(trouble);
          if (trouble !== undefined) return;
          setName('');
          onOpened();
        }}
      >
        <label>
          Another room
          <input
            data-testid="open-room"
            type="text"
            autoComplete="off"
            autoCapitalize="none"
            spellcheck={false}
            required
            maxLength={chatLimits.room}
            aria-invalid={problem !== undefined}
            aria-describedby="room-problem"
            value={name}
            onInput={({ currentTarget }) => {
              setName(currentTarget.value);
              setProblem(undefined);
            }}
          />
        </label>
        <button type="submit" data-testid="open-room-submit" disabled={name.trim() === ''}>
          Open
        </button>
      </form>
      <p class="error small-print" id="room-problem" role="status" data-testid="room-problem">
        {problem}
      </p>
    </nav>
  );
}

function RoomLink({ room, isCurrent, onOpen }: { room: Room; isCurrent: boolean; onOpen: () => void }) {
  const unread = unreadIn(room);
  return (
    <a
      href={`#${encodeURIComponent(room.name)}`}
      data-testid={`room-${room.name}`}
      aria-current={isCurrent ? 'true' : undefined}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        onOpen();
      }}
    >
      <span class="hash">#</span>
      <span class="who">{room.name}</span>
      {unread > 0 && <Unread count={unread} />}
    </a>
  );
}
