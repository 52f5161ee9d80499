import { type LookupAddress, lookup } from 'node:dns';
import { connect, isIP, isIPv6, type LookupFunction, type NetConnectOpts, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { asFailure } from './failures.ts';
import type { TlsOptions } from './options.ts';

// Sockets, until they are ready. Every one has a listener for errors from the moment it exists to its end, so that no
// error of a connection that nobody watches can end the process. All waiting ends when the signal is aborted.

/** The addresses of a host, at least one. @throws WebSocketFailure, or the reason of `signal` */
export function resolveHost(host: string, signal: AbortSignal): Promise<readonly LookupAddress[]> {
  const family = isIP(host);
  if (family !== 0) return Promise.resolve([{ address: host, family }]);
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    lookup(host, { all: true }, (error, addresses) => {
      signal.removeEventListener('abort', abort);
      if (error === null) resolve(addresses);
      else reject(asFailure(error, 'CONNECT'));
    });
  });
}

export function dialTcp(
  host: string,
  addresses: readonly LookupAddress[],
  port: number,
  signal: AbortSignal,
): Promise<Socket> {
  // Node tries the addresses one after the other (happy eyeballs), as long as it may look them up by itself.
  const found: LookupFunction = (_host, { all }, callback) => {
    const [first = { address: host, family: 4 }] = addresses;
    if (all) callback(null, [...addresses]);
    else callback(null, first.address, first.family);
  };
  return dial({ host, port, lookup: found }, signal);
}

export function dialPath(path: string, signal: AbortSignal): Promise<Socket> {
  return dial({ path }, signal);
}

function dial(options: NetConnectOpts, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ ...options, allowHalfOpen: true });
  socket.setNoDelay(true);
  return ready(socket, 'connect', signal).catch((error: unknown) => {
    throw asFailure(error, 'CONNECT');
  });
}

/**
 * TLS over a socket that is connected already, to `host`, which the certificate must be for.
 * @param protocols for ALPN (RFC 7301), the preferred one first
 */
export async function secure(
  socket: Socket,
  host: string,
  tls: TlsOptions,
  signal: AbortSignal,
  protocols: string[] = ['http/1.1'],
): Promise<TLSSocket> {
  try {
    const secured = connectTls({
      ALPNProtocols: protocols,
      ...tls,
      socket,
      host,
      // An address is no name that a server could be asked for (RFC 6066, 3), but is verified all the same.
      servername: tls.servername ?? (isIP(host) === 0 ? host : ''),
      // Said outright: an environment variable must not switch the verification off.
      rejectUnauthorized: tls.rejectUnauthorized ?? true,
    });
    return await ready(secured, 'secureConnect', signal);
  } catch (error) {
    socket.destroy();
    throw asFailure(error, 'TLS');
  }
}

/** `host:port`, with the brackets that IPv6 needs. */
export function authority(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Resolves when the socket says `event`; rejects, and destroys it, when it fails before or `signal` is aborted. */
function ready<S extends Socket>(socket: S, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<S> {
  socket.on('error', ignore);
  return new Promise<S>((resolve, reject) => {
    const settle = (act: () => void) => {
      socket.off(event, succeed);
      socket.off('error', fail);
      socket.off('close', closed);
      signal.removeEventListener('abort', abort);
      act();
    };
    const succeed = () => settle(() => resolve(socket));
    const fail = (error: unknown) =>
      settle(() => {
        socket.destroy();
        reject(error);
      });
    const closed = () => fail(new Error('the connection was closed'));
    const abort = () => fail(signal.reason);
    socket.once(event, succeed);
    socket.once('error', fail);
    socket.once('close', closed);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}

function ignore(): void {}
