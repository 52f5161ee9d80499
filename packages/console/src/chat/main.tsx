import './chat.css';
import { useState } from 'preact/hooks';
import { FileDrop } from '../shared/files.tsx';
import { HandshakePanel } from '../shared/handshake-panel.tsx';
import { showPage } from '../shared/page.tsx';
import { StateBadge } from '../shared/state-badge.tsx';
import { Composer } from './composer.tsx';
import { ConnectionNotice } from './connection-notice.tsx';
import { memory } from './memory.ts';
import { NameForm } from './name-form.tsx';
import { People } from './people.tsx';
import { type Room, typingText, unreadIn } from './room.ts';
import { Rooms } from './rooms.tsx';
import { Timeline } from './timeline.tsx';
import { Unread } from './unread.tsx';
import { type Chat, useChat } from './use-chat.ts';

function ChatPage() {
  const chat = useChat();
  const room = chat.view.rooms.get(chat.view.current);
  return chat.view.you === undefined || room === undefined ? <Door chat={chat} /> : <Inside chat={chat} room={room} />;
}

/** Before the first time that the service has let this browser in. */
function Door({ chat }: { chat: Chat }) {
  const { view, session } = chat;
  return (
    <main class="door">
      <section class="card" aria-label="Join the chat">
        <div class="card-head">
          <h1>Chat</h1>
          <StateBadge state={view.state} />
        </div>
        <p>
          Rooms for everybody who can open this page. What is said there is kept for a day, so that who comes later can
          read it.
        </p>
        <NameForm
          label="Your name"
          action="Join"
          testId="join"
          initial={memory.name}
          disabled={view.isIn}
          onName={(name) => void session.enter(name)}
        />
        <ConnectionNotice chat={chat} />
      </section>
      <HandshakePanel view={chat.handshake} open={false} />
    </main>
  );
}

function Inside({ chat, room }: { chat: Chat; room: Room }) {
  const [aside, setAside] = useState(false);
  const { view, session } = chat;
  const { state, isIn, limits } = view;
  const isLive = state === 'OPEN' && room.isLive;
  const unread = [...view.rooms.values()].reduce((sum, each) => sum + unreadIn(each), 0);

  return (
    <main class="room">
      <section class="card conversation" aria-label={`Conversation in ${room.name}`}>
        <div class="card-head">
          <h1 data-testid="room">
            <span class="hash">#</span>
            {room.name}
          </h1>
          <StateBadge state={state} transport={view.transport} />
          <button
            type="button"
            class="small aside-toggle"
            data-testid="aside-toggle"
            aria-expanded={aside}
            onClick={() => setAside(!aside)}
          >
            Rooms{unread > 0 && <Unread count={unread} />}
          </button>
          {isIn && (
            <button type="button" class="small" data-testid="close" onClick={() => session.leave()}>
              Leave
            </button>
          )}
        </div>
        <Timeline key={room.name} room={room} />
        <p class="typing" data-testid="typing" aria-live="polite">
          {typingText(room, view.you?.id ?? '')}
        </p>
        <ConnectionNotice chat={chat} />
        {isIn ? (
          <Composer
            key={room.name}
            disabled={!isLive}
            maxLength={limits.text}
            sending={view.sending}
            onSay={(text) => session.say(text)}
            onType={(isTyping) => session.type(isTyping)}
            onImages={(files) => void session.sendPhotos(files)}
          />
        ) : (
          <NameForm
            label="Your name"
            action="Join again"
            testId="join"
            initial={view.you?.name ?? ''}
            disabled={false}
            onName={(name) => void session.enter(name)}
          />
        )}
      </section>
      <aside class={aside ? 'shown' : ''} aria-label="Rooms, people and connection">
        <Rooms chat={chat} onOpened={() => setAside(false)} />
        <People chat={chat} room={room} />
        <HandshakePanel view={chat.handshake} open={false} />
      </aside>
      {isLive && (
        <FileDrop
          hint={`Drop images to send them to #${room.name}`}
          onFiles={(files) => void session.sendPhotos(files)}
        />
      )}
    </main>
  );
}

showPage('chat', <ChatPage />);
