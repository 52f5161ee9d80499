import type { ClientHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';

// A connection of HTTP/2 until it is known whether it takes WebSockets. RFC 8441, 3: where the server's settings have not
// said that it does, it would take the request for a malformed one.

/**
 * Speaks HTTP/2 on a socket that is connected. `undefined` if the other side does not, or takes no WebSockets: then the
 * socket is destroyed.
 * @throws the reason of `signal`; the socket is destroyed then
 */
export async function beginSession(
  socket: Socket,
  authority: string,
  signal: AbortSignal,
): Promise<ClientHttp2Session | undefined> {
  // Who speaks HTTP/1.1 only should not cost the time to load this.
  const { connect } = await import('node:http2');
  // A connection of HTTP/2 that the server has ended is of no use.
  socket.allowHalfOpen = false;
  const session = connect(authority.replace(/^ws/, 'http'), {
    createConnection: () => socket,
    // A stream that the server pushes has nobody who listens: an error on it would end the process.
    settings: { enablePush: false },
  });
  session.on('error', ignore);
  const settings = new Promise<boolean>((resolve) => {
    session.once('remoteSettings', () => resolve(true));
    session.once('close', () => resolve(false));
  });
  try {
    if ((await awaitOr(settings, signal)) && takesWebSockets(session)) return session;
  } catch (error) {
    session.destroy();
    throw error;
  }
  session.destroy();
  return undefined;
}

/** By connection, when its settings have come. */
const settled = new WeakMap<ClientHttp2Session, Promise<void>>();

/** The same of a connection that is somebody else's, and may be so new that its settings have not come. */
export async function settledSession(session: ClientHttp2Session, signal: AbortSignal): Promise<boolean> {
  const known = settled.get(session) ?? untilSettled(session);
  settled.set(session, known);
  await awaitOr(known, signal);
  return takesWebSockets(session);
}

function untilSettled(session: ClientHttp2Session): Promise<void> {
  return new Promise((resolve) => {
    // Node keeps what it was first asked for until there are new settings, of which it learns only for a listener.
    session.on('remoteSettings', () => resolve());
    session.once('close', resolve);
    if (session.closed || session.destroyed || takesWebSockets(session)) return resolve();
    // RFC 9113, 3.4: the server's settings come first, so they are there when it has answered anything.
    const ask = () => {
      if (!session.ping(() => resolve())) resolve();
    };
    if (session.connecting) session.once('connect', ask);
    else ask();
  });
}

function takesWebSockets(session: ClientHttp2Session): boolean {
  if (session.closed || session.destroyed) return false;
  const { enableConnectProtocol, maxConcurrentStreams } = session.remoteSettings;
  return enableConnectProtocol === true && maxConcurrentStreams !== 0;
}

/** What `promise` resolves to, unless `signal` is aborted before. */
export function awaitOr<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

function ignore(): void {}
