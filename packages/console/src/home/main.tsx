import './home.css';
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

function HomePage() {
  return (
    <main class="home">
      <section class="hero">
        <h1>WebSocket, ready to try</h1>
        <p>
          This is a Tidewire server. It speaks the WebSocket protocol (RFC 6455) to browsers and programs alike: point a
          client at one of its endpoints, or use the pages here.
        </p>
      </section>

      <section class="cards" aria-label="Pages">
        <a class="card page-card" href="/echo">
          <h2>Echo</h2>
          <p>Connect to any WebSocket server, send text, bytes and files, and watch what goes over the wire.</p>
          <span class="go">Open the trial page</span>
        </a>
        <a class="card page-card" href="/chat">
          <h2>Chat</h2>
          <p>Rooms on the hub: who is here, who types, what was said before, and the photos they share.</p>
          <span class="go">Enter the lobby</span>
        </a>
        <a class="card page-card" href="/race">
          <h2>Transport race</h2>
          <p>
            The same messages over polling, long polling, streams and WebSocket, side by side: why WebSockets exist.
          </p>
          <span class="go">Watch the race</span>
        </a>
      </section>

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

function Copyable({ text, label }: { text: string; label: string }) {
  return (
    <div class="copyable">
      <code>{text}</code>
      <CopyButton text={text} label={label} />
    </div>
  );
}

showPage('home', <HomePage />);
