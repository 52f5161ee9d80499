import './home.css';
import { type ConsolePage, isForOperators, pagePaths } from '../console-messages.ts';
import { useAbout } from '../shared/about.ts';
import { CopyButton } from '../shared/copy-button.tsx';
import { showPage } from '../shared/page.tsx';
import { socketUrl } from '../shared/socket-url.ts';

const endpoints = [
  { path: '/echo', title: 'Echo service', says: 'Sends every message back as it came.' },
  {
    path: '/connection/websocket',
    title: 'Hub',
    says: 'Channels with presence and history, for the SDKs of Centrifugo.',
  },
  {
    path: '/connection/lines',
    title: 'Hub, in lines',
    says: 'The same for clients without an SDK: JSON, line by line.',
  },
] as const;

const cards: Readonly<Record<Exclude<ConsolePage, 'home'>, { title: string; says: string; go: string }>> = {
  echo: {
    title: 'Echo',
    says: 'Connect to any WebSocket server, send text, bytes and files, and watch what goes over the wire.',
    go: 'Open the trial page',
  },
  chat: {
    title: 'Chat',
    says: 'Rooms on the hub: who is here, who types, what was said before, and the photos they share.',
    go: 'Enter the lobby',
  },
  race: {
    title: 'Transport race',
    says: 'The same messages over polling, long polling, streams and WebSocket, side by side: why WebSockets exist.',
    go: 'Watch the race',
  },
  overview: {
    title: 'Overview',
    says: 'What the service does at present: connections, messages, latencies, and who cannot keep up.',
    go: 'See how it is',
  },
  channels: {
    title: 'Channels',
    says: 'Which channels there are, who is in them, what was published, and a publication of your own.',
    go: 'Look into channels',
  },
  connections: {
    title: 'Connections',
    says: 'Who is connected, from where and how, and a way to send them away.',
    go: 'Find a connection',
  },
  inspector: {
    title: 'Inspector',
    says: 'Every frame of every WebSocket: read it, hold it, change it, and take the recording with you.',
    go: 'See the frames',
  },
};

function HomePage() {
  const { about } = useAbout();
  return (
    <main class="home">
      <section class="hero">
        <h1>WebSocket, ready to try</h1>
        <p>
          This is a Tidewire server. It speaks the WebSocket protocol (RFC 6455) to browsers and programs alike: point a
          client at one of its endpoints, or use the pages here.
        </p>
      </section>

      <Cards label="To try" pages={about?.pages.filter((page) => !isForOperators(page)) ?? ['echo', 'chat', 'race']} />
      <Cards label="For who runs the service" pages={about?.pages.filter(isForOperators) ?? []} />

      <section class="card">
        <h2>Endpoints</h2>
        <ul class="endpoints">
          {endpoints.map(({ path, title, says }) => (
            <li key={path}>
              <div>
                <strong>{title}</strong>
                <span class="muted">{says}</span>
              </div>
              <Copyable text={socketUrl(path)} label={`Copy the URL of the ${title.toLowerCase()}`} />
            </li>
          ))}
        </ul>
      </section>

      <section class="card">
        <h2>From a terminal</h2>
        <p>
          <code>tidewire connect</code> is an interactive client: what you type is sent, what comes in is printed. It
          also reads from a pipe.
        </p>
        <Copyable text={`npx tidewire connect ${socketUrl('/echo')}`} label="Copy the command" />
      </section>
    </main>
  );
}

function Cards({ label, pages }: { label: string; pages: readonly ConsolePage[] }) {
  const shown = pages.filter((page) => page !== 'home');
  if (shown.length === 0) return null;
  return (
    <section aria-label={label}>
      <h2 class="cards-title">{label}</h2>
      <div class="cards">
        {shown.map((page) => {
          const { title, says, go } = cards[page];
          return (
            <a key={page} class="card page-card" href={pagePaths[page]}>
              <h3>{title}</h3>
              <p>{says}</p>
              <span class="go">{go}</span>
            </a>
          );
        })}
      </div>
    </section>
  );
}

function Copyable({ text, label }: { text: string; label: string }) {
  return (
    <div class="copyable">
      <code>{text}</code>
      <CopyButton text={text} label={label} />
    </div>
  );
}

showPage('home', <HomePage />);
