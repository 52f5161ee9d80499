/** What is used of a class with the API of the standard: a browser's own, and what stands in for it. */
export interface SocketLike {
  readonly url: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  readonly protocol: string;
  readonly extensions: string;
  binaryType: string;
  send(data: string | ArrayBuffer | ArrayBufferView | Blob): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: string, listener: (event: Event) => void): void;
}

/** The browser's own class. @throws what its constructor throws; TypeError where there is none */
export function newNative(url: string, protocols: readonly string[]): SocketLike {
  return Reflect.construct(Reflect.get(globalThis, 'WebSocket'), [url, protocols]);
}

export type BinaryType = 'blob' | 'arraybuffer';

/** A browser has this class, where Node of some versions has not. */
export function closeEvent(code: number, reason: string, wasClean: boolean): Event {
  const CloseEvent: new (type: string, init: object) => Event = Reflect.get(globalThis, 'CloseEvent');
  return new CloseEvent('close', { code, reason, wasClean });
}
