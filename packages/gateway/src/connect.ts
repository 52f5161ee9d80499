import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Route } from './route.ts';
import type { TargetTls } from './target.ts';
import type { TlsNames } from './translator.ts';

// To a server, before the client is told that it has a WebSocket: if that fails, it sees a status.

/** Why a server could not be reached. */
export class ConnectError extends Error {
  override readonly name = 'ConnectError';
  readonly reason: 'CONNECT_FAILED' | 'CONNECT_TIMEOUT' | 'TLS_FAILED' | 'ABORTED';

  constructor(reason: ConnectError['reason'], message: string, cause?: unknown) {
    super(message, { cause });
    this.reason = reason;
  }
}

/**
 * Connects, with TLS where the target has it. The socket does not flow yet, and its own end is not sent when the server's comes.
 * @param before is written in front of everything, TLS too: a header of the PROXY protocol
 * @throws ConnectError
 */
export async function connectTo(route: Route, signal: AbortSignal, before: Uint8Array | undefined): Promise<Socket> {
  const { host, port, tls, connectTimeout } = route;
  const tcp = connectTcp({ host, port, noDelay: true, keepAlive: true, allowHalfOpen: true });
  const limits = { signal, timeout: connectTimeout };
  return within(tcp, limits, async () => {
    await once(tcp, 'connect', 'CONNECT_FAILED');
    if (before !== undefined) tcp.write(before);
    return tls === undefined ? tcp : secure(tcp, host, tls);
  });
}

/**
 * Speaks TLS on a connection from here on. Whoever listened to it must have ceased.
 * @throws ConnectError, and the connection is gone then
 */
export async function secureWithin(tcp: Socket, route: Route, names: TlsNames, signal: AbortSignal): Promise<Socket> {
  const limits = { signal, timeout: route.connectTimeout };
  return within(tcp, limits, () => secure(tcp, route.host, route.tlsOptions, names));
}

async function secure(tcp: Socket, host: string, options: TargetTls, names: TlsNames = {}): Promise<TLSSocket> {
  const { ca, cert, key, insecure = false } = options;
  // RFC 6066, 3: literal addresses are not permitted as a server's name.
  const servername = options.servername ?? names.servername ?? (isIP(host) === 0 ? host : undefined);
  const stream = connectTls({
    socket: tcp,
    host,
    rejectUnauthorized: !insecure,
    ...(servername === undefined ? {} : { servername }),
    ...(names.protocol === undefined ? {} : { ALPNProtocols: [names.protocol] }),
    ...(ca === undefined ? {} : { ca: text(ca) }),
    ...(cert === undefined || key === undefined ? {} : { cert: text(cert), key: text(key) }),
  });
  await once(stream, 'secureConnect', 'TLS_FAILED');
  return stream;
}

function text(pem: string | Uint8Array): string {
  return typeof pem === 'string' ? pem : Buffer.from(pem).toString('latin1');
}

interface Limits {
  readonly signal: AbortSignal;
  readonly timeout: number;
}

/** Gives a connection up when it takes too long, or nobody wants it any more. */
async function within<T>(tcp: Socket, { signal, timeout }: Limits, work: () => Promise<T>): Promise<T> {
  let reason: ConnectError | undefined;
  const giveUp = (why: ConnectError) => {
    reason ??= why;
    tcp.destroy();
  };
  const abort = () => giveUp(new ConnectError('ABORTED', 'the client has gone away'));
  const late = () => giveUp(new ConnectError('CONNECT_TIMEOUT', `no connection came about within ${timeout} ms`));
  // Errors of what is given up are nobody's any more; those that matter are listened for beside.
  tcp.on('error', () => {});
  const timer = Number.isFinite(timeout) ? setTimeout(late, timeout) : undefined;
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await work();
  } catch (error) {
    tcp.destroy();
    throw reason ?? error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

function once(socket: Socket, event: 'connect' | 'secureConnect', reason: ConnectError['reason']): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error?: unknown) => {
      const why = error instanceof Error ? error.message || error.name : 'the server has closed the connection';
      reject(new ConnectError(reason, why, error));
    };
    const closed = () => fail();
    socket.on('error', fail);
    socket.once('close', closed);
    socket.once(event, () => {
      socket.off('close', closed);
      resolve();
    });
  });
}

/** The stable code of an error of Node's, such as `ECONNRESET`. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
