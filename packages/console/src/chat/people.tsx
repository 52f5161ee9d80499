import { useRef, useState } from 'preact/hooks';
import { Avatar } from './avatar.tsx';
import type { Person } from './entry.ts';
import { NameForm } from './name-form.tsx';
import type { Room } from './room.ts';
import type { Chat } from './use-chat.ts';

/** Who is in the room, and how this page is called there. */
export function People({ chat, room }: { chat: Chat; room: Room }) {
  const { view, session } = chat;
  const [renaming, setRenaming] = useState(false);
  const toggle = useRef<HTMLButtonElement>(null);
  const isOpen = view.state === 'OPEN';
  const people = [...room.people.values()];

  return (
    <section class="card members">
      <div class="card-head">
        <h2 data-testid="member-count">{people.length === 1 ? '1 person' : `${people.length} people`}</h2>
        <button
          ref={toggle}
          type="button"
          class="small"
          data-testid="rename"
          disabled={!isOpen}
          aria-expanded={renaming}
          onClick={() => setRenaming(!renaming)}
        >
          Change name
        </button>
      </div>
      {renaming && isOpen && (
        <NameForm
          label="New name"
          action="Change"
          testId="rename-submit"
          initial={view.you?.name ?? ''}
          disabled={false}
          onName={(name) => {
            void session.rename(name);
            setRenaming(false);
            toggle.current?.focus();
          }}
        />
      )}
      <ul data-testid="members">
        {people.map((person) => (
          <Member key={person.id} person={person} isTyping={room.typing.has(person.id)} you={view.you} />
        ))}
      </ul>
      {!isOpen && <p class="muted small-print">Who was here when the connection was lost.</p>}
    </section>
  );
}

function Member({ person, isTyping, you }: { person: Person; isTyping: boolean; you: Person | undefined }) {
  const says = person.id === you?.id ? 'you' : isTyping ? 'typing…' : '';
  return (
    <li>
      <Avatar person={person} />
      <span class="who">{person.name}</span>
      {says !== '' && <span class="muted">{says}</span>}
    </li>
  );
}
