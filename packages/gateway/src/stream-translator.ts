import { TextDecoder } from 'node:util';
import { CloseCode } from '@tidewire/server';
import type { ConnectionInfo, Sides, Translator } from './translator.ts';

// The tunnel: a message's content is bytes of the stream, and where one message ends says nothing. Clients that are programs of
// text may be given text: then characters that are cut in two by TCP are put together again.

/** As websockify has it: bytes as they are, or each message as base64 in text. */
export const RAW = ['binary', 'base64'] as const;

export function translateStream(sides: Sides, { subprotocol, messages }: ConnectionInfo): Translator {
  return subprotocol === 'base64' ? new Base64Translator(sides) : new StreamTranslator(sides, messages);
}

const ENDED = 'The server has ended the connection';

class StreamTranslator implements Translator {
  readonly #sides: Sides;
  /** `undefined` until the client's first message says whether it is one of text. */
  #sendsText: boolean | undefined;
  #decoder: TextDecoder | undefined;
  #isOver = false;

  constructor(sides: Sides, messages: ConnectionInfo['messages']) {
    this.#sides = sides;
    if (messages !== 'auto') this.#sendsText = messages === 'text';
  }

  fromClient(message: string | Uint8Array): void {
    this.#sendsText ??= typeof message === 'string';
    this.#sides.toServer(typeof message === 'string' ? Buffer.from(message) : message);
  }

  fromServer(bytes: Uint8Array): void {
    if (this.#isOver) return;
    if (this.#sendsText !== true) {
      this.#sides.toClient(bytes);
      return;
    }
    const text = this.#decode(bytes);
    if (text !== undefined && text !== '') this.#sides.toClient(text);
  }

  serverEnded(): void {
    if (this.#isOver) return;
    // A character that was begun and never ended is none.
    if (this.#decoder !== undefined && this.#decode(undefined) === undefined) return;
    this.#sides.close(CloseCode.NORMAL, ENDED);
  }

  /** @param bytes `undefined` at the end */
  #decode(bytes: Uint8Array | undefined): string | undefined {
    // A byte order mark is what the server has sent, and not the gateway's to leave out.
    this.#decoder ??= new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    try {
      return bytes === undefined ? this.#decoder.decode() : this.#decoder.decode(bytes, { stream: true });
    } catch {
      this.#isOver = true;
      this.#sides.close(CloseCode.INVALID_PAYLOAD, 'The server has sent bytes that are no UTF-8: take binary messages');
      return undefined;
    }
  }
}

/** Whether it is as RFC 4648, 4, has it, with its padding. */
function isBase64(text: string): boolean {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return text.length % 4 === 0 && !/[^A-Za-z0-9+/]/.test(text.slice(0, text.length - padding));
}

class Base64Translator implements Translator {
  readonly #sides: Sides;
  #isOver = false;

  constructor(sides: Sides) {
    this.#sides = sides;
  }

  fromClient(message: string | Uint8Array): void {
    if (this.#isOver) return;
    const text = typeof message === 'string' ? message : Buffer.from(message).toString('latin1');
    if (isBase64(text)) {
      this.#sides.toServer(Buffer.from(text, 'base64'));
      return;
    }
    this.#isOver = true;
    this.#sides.close(CloseCode.INVALID_PAYLOAD, 'A message is no base64');
  }

  fromServer(bytes: Uint8Array): void {
    this.#sides.toClient(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'));
  }

  serverEnded(): void {
    this.#sides.close(CloseCode.NORMAL, ENDED);
  }
}
