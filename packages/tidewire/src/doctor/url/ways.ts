import { type ClientHttp2Session, connect } from 'node:http2';
import type { Finding } from '../finding.ts';
import { leave, open, type Reach } from './probe.ts';
import { isOpen } from './upgrade.ts';

// The other ways to a server: over HTTP/2, and over plain requests where no WebSocket gets through.

/** In milliseconds. */
const PATIENCE = 5000;

/** RFC 8441: whether a browser can open WebSockets on the connection that it has already. */
export async function examineHttp2(reach: Reach): Promise<readonly Finding[]> {
  if (!/^(?:wss|https):$/.test(reach.url.protocol)) return [];
  const check = 'http2';
  const session = connect(`https://${reach.url.host}`, {
    ...(reach.options.tls?.ca === undefined ? {} : { ca: reach.options.tls.ca }),
    rejectUnauthorized: false,
  });
  const settings = await settingsOf(session);
  session.destroy();
  if (settings === undefined) {
    return [
      {
        check,
        grade: 'note',
        what: 'The server speaks no HTTP/2.',
        why: 'Each WebSocket of a page takes a connection of its own, which is how it mostly is.',
      },
    ];
  }
  if (settings.enableConnectProtocol !== true) {
    const what =
      'The server speaks HTTP/2, and takes no WebSockets on it: it does not announce extended CONNECT (RFC 8441).';
    const why =
      'Browsers open a connection of HTTP/1.1 for each WebSocket, which works as long as the server takes those, too.';
    return [{ check, grade: 'note', what, why }];
  }
  const opened = await open(reach, { http2: true });
  if (!isOpen(opened)) {
    return [
      {
        check,
        grade: 'problem',
        what: `The server announces WebSockets on HTTP/2 (RFC 8441), and refuses one: ${opened.failure?.message ?? 'it failed'}.`,
        why: 'Browsers believe what is announced, and do not try HTTP/1.1.',
        mend: [
          'nginx passes none on: leave http2 out where WebSockets are',
          'HAProxy: option h2-workaround-bogus-websocket-clients',
        ],
      },
    ];
  }
  await leave(opened.socket);
  return [{ check, grade: 'ok', what: 'WebSockets get through on a connection of HTTP/2 (RFC 8441).' }];
}

function settingsOf(session: ClientHttp2Session): Promise<ClientHttp2Session['remoteSettings'] | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, PATIENCE, undefined);
    const done = (settings?: ClientHttp2Session['remoteSettings']) => {
      clearTimeout(timer);
      resolve(settings);
    };
    session.once('remoteSettings', done);
    session.once('error', () => done());
    session.once('close', () => done());
  });
}

/** Whether answers that go on for long reach the client as they are written: what streaming and server-sent events need. */
export async function examineStreaming(reach: Reach): Promise<readonly Finding[]> {
  const check = 'streaming';
  // The client finds out by itself whether the first bytes of an answer come before its end.
  const opened = await open(reach, { transports: ['stream', 'poll'], transportTimeout: PATIENCE });
  if (!isOpen(opened)) {
    const what =
      'Whether answers that go on are held back was not tried: only servers of Tidewire offer such a way at this URL.';
    return [{ check, grade: 'unknown', what }];
  }
  const { socket } = opened;
  // What carries it is settled when something has come back.
  const pong = new Promise((resolve) => {
    for (const event of ['pong', 'close'] as const) socket.addEventListener(event, resolve, { once: true });
  });
  socket.ping();
  await pong;
  const { transport } = socket;
  if (socket.readyState === socket.OPEN) await leave(socket);
  if (transport === 'stream') {
    const what = 'Answers that go on reach the client at once, so that streaming is a way around.';
    return [{ check, grade: 'ok', what }];
  }
  return [
    {
      check,
      grade: 'warning',
      what: 'Something in front of the server holds answers back until they are complete. Clients that no WebSocket gets through to have to poll.',
      why: 'Streaming and server-sent events do not get through at all.',
      mend: [
        'nginx: proxy_buffering off; and proxy_http_version 1.1;',
        'or let it see the header X-Accel-Buffering of the server',
      ],
    },
  ];
}
