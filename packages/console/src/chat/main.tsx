import './chat.css';
import { useRef, useState } from 'preact/hooks';
import { FileDrop } from '../shared/files.tsx';
import { HandshakePanel } from '../shared/handshake-panel.tsx';
import { showPage } from '../shared/page.tsx';
import { StateBadge } from '../shared/state-badge.tsx';
import { Composer } from './composer.tsx';
import { ConnectionNotice } from './connection-notice.tsx';
import { NameForm, rememberedName } from './name-form.tsx';
import type { Room } from './room.ts';
import { Avatar, Timeline } from './timeline.tsx';
import { type Chat, useChat } from './use-chat.ts';

function ChatPage() {
  const chat = useChat();
  return chat.room === undefined ? <Door chat={chat} /> : <Inside chat={chat} room={chat.room} />;
}

/** Before the first welcome. */
function Door({ chat }: { chat: Chat }) {
  return (
    <main class="door">
      <section class="card" aria-label="Join the room">
        <div class="card-head">
          <h1>Chat</h1>
          <StateBadge state={chat.socket.state} />
        </div>
        <p>One room for everybody who is here now. Nothing is stored: what was said before you came is gone.</p>
        <NameForm
          label="Your name"
          action="Join"
          testId="join"
          initial={rememberedName()}
          disabled={chat.wanted || chat.socket.state !== 'CLOSED'}
          onName={chat.join}
        />
        <ConnectionNotice chat={chat} />
      </section>
      <HandshakePanel view={chat.handshake} open={false} />
    </main>
  );
}

function Inside({ chat, room }: { chat: Chat; room: Room }) {
  const [aside, setAside] = useState(false);
  const { socket, welcomed, wanted } = chat;
  const count = `${room.members.length} ${room.members.length === 1 ? 'member' : 'members'}`;

  return (
    <main class="room">
      <section class="card conversation" aria-label="Conversation">
        <div class="card-head">
          <h1>Chat</h1>
          <StateBadge state={socket.state} bufferedAmount={socket.bufferedAmount} transport={socket.transport} />
          <button
            type="button"
            class="small aside-toggle"
            data-testid="members-toggle"
            aria-expanded={aside}
            onClick={() => setAside(!aside)}
          >
            {count}
          </button>
          {wanted && (
            <button type="button" class="small" data-testid="close" onClick={chat.leave}>
              Leave
            </button>
          )}
        </div>
        <Timeline log={chat.log} />
        <ConnectionNotice chat={chat} />
        {!wanted && socket.state === 'CLOSED' ? (
          <NameForm
            label="Your name"
            action="Join again"
            testId="join"
            initial={room.you.name}
            disabled={false}
            onName={chat.join}
          />
        ) : (
          <Composer disabled={!welcomed} maxLength={room.limits.text} onSay={chat.say} onImages={chat.sendImages} />
        )}
      </section>
      <aside class={aside ? 'shown' : ''} aria-label="Members and connection">
        <Members room={room} count={count} chat={chat} />
        <HandshakePanel view={chat.handshake} open={false} />
      </aside>
      {welcomed && <FileDrop hint="Drop images to send them" onFiles={chat.sendImages} />}
    </main>
  );
}

function Members({ room, count, chat }: { room: Room; count: string; chat: Chat }) {
  const [renaming, setRenaming] = useState(false);
  const toggle = useRef<HTMLButtonElement>(null);
  return (
    <section class="card members">
      <div class="card-head">
        <h2 data-testid="member-count">{count}</h2>
        <button
          ref={toggle}
          type="button"
          class="small"
          data-testid="rename"
          disabled={!chat.welcomed}
          aria-expanded={renaming}
          onClick={() => setRenaming(!renaming)}
        >
          Change name
        </button>
      </div>
      {renaming && chat.welcomed && (
        <NameForm
          label="New name"
          action="Change"
          testId="rename-submit"
          initial={room.you.name}
          disabled={false}
          onName={(name) => {
            chat.rename(name);
            setRenaming(false);
            toggle.current?.focus();
          }}
        />
      )}
      <ul data-testid="members">
        {room.members.map((member) => (
          <li key={member.id}>
            <Avatar member={member} />
            <span class="who">{member.name}</span>
            {member.id === room.you.id && <span class="muted">you</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

showPage('/chat', <ChatPage />);
