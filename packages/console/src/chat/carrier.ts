import { WebSocket } from '@tidewire/client/browser';
import type { Ending, Transport } from '../shared/use-socket.ts';

// What carries the connection to the hub: a WebSocket, or plain requests where none gets through. The SDK makes one for each
// attempt, and the page sees what becomes of it.

export interface CarrierHandlers {
  /** @returns the URL to connect to */
  begin(url: string): string;
  opened(transport: Transport): void;
  /** It was moved from plain requests to a WebSocket. */
  moved(transport: Transport): void;
  ended(ending: Ending): void;
}

/** A class of WebSockets whose life is told to the handlers; that of the newest one. */
export function carrierClass(handlers: CarrierHandlers): new (url: string, protocols?: string[]) => WebSocket {
  let newest: WebSocket | undefined;
  return class Carrier extends WebSocket {
    constructor(url: string, protocols: string[] = []) {
      super(handlers.begin(url), protocols);
      newest = this;
      let known: Transport | undefined;
      const look = () => {
        const { transport } = this;
        if (transport === undefined || transport === known || newest !== this) return;
        if (known === undefined) handlers.opened(transport);
        else handlers.moved(transport);
        known = transport;
      };
      this.addEventListener('open', look);
      this.addEventListener('message', look);
      this.addEventListener('close', ({ code, reason, wasClean }) => {
        if (newest === this) handlers.ended({ code, reason, wasClean, opened: known !== undefined });
      });
    }
  };
}
