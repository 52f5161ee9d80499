import { once } from 'node:events';
import { type CloseEvent, WebSocket, type WebSocketOptions, type WithFailure } from '@tidewire/client';
import { afterThisTest } from './servers.ts';

/** A client that is gone after the test. */
export function connect(url: string, options: WebSocketOptions = {}, protocols: string | string[] = []): WebSocket {
  const socket = new WebSocket(url, protocols, options);
  afterThisTest(() => socket.terminate());
  return socket;
}

export async function open(url: string, options: WebSocketOptions = {}, protocols: string | string[] = []) {
  const socket = connect(url, options, protocols);
  await next(socket, 'open');
  return socket;
}

export async function next<E extends Event = Event>(socket: WebSocket, type: string): Promise<E> {
  const [event] = (await once(socket, type)) as [E];
  return event;
}

export function closeOf(socket: WebSocket): Promise<CloseEvent & WithFailure> {
  return next<CloseEvent & WithFailure>(socket, 'close');
}

export async function messageOf(socket: WebSocket): Promise<unknown> {
  return (await next<MessageEvent>(socket, 'message')).data;
}

/** Waits until a connection fails, and says why. */
export async function failureOf(url: string, options: WebSocketOptions = {}, protocols: string | string[] = []) {
  const event = await closeOf(connect(url, options, protocols));
  if (event.failure === undefined) throw new Error(`The connection did not fail: ${event.code} ${event.reason}`);
  return event.failure;
}
