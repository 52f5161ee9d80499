import type { MessageData } from '../decoder.ts';
import { type EngineIoPacket, readEngineIo, writeEngineIo } from './engine-io.ts';
import { joinSocketIo, readSocketIo, type SocketIoPacket, writeSocketIo } from './socket-io.ts';

// Socket.IO as one side of a WebSocket hears it: attachments come in messages of their own, after the packet that they belong to.

/** Bytes of attachments that are kept for one packet. */
const MAX_BYTES = 64 * 1024 * 1024;

export type SocketIoMessage =
  /** What Engine.IO says for itself. */
  | { readonly type: 'engine'; readonly packet: Exclude<EngineIoPacket, { type: 'message' }> }
  /** `attachments`: those that it came with. */
  | { readonly type: 'packet'; readonly packet: SocketIoPacket; readonly attachments: number }
  /** The packet is whole when this many attachments have come. Until then it has placeholders in their place. */
  | { readonly type: 'begun'; readonly packet: SocketIoPacket; readonly attachments: number }
  | { readonly type: 'attachment'; readonly packet: SocketIoPacket; readonly number: number; readonly of: number }
  | { readonly type: 'problem'; readonly problem: string };

/** Reads what one side sends, message by message. */
export class SocketIoReader {
  #begun: { readonly packet: SocketIoPacket; readonly attachments: number } | undefined;
  #attachments: Uint8Array[] = [];
  #bytes = 0;

  /** Never throws. */
  read(data: MessageData): SocketIoMessage {
    const { value, problem } = readEngineIo(data);
    if (problem !== undefined) return { type: 'problem', problem };
    if (value.type !== 'message') return { type: 'engine', packet: value };
    return typeof value.data === 'string' ? this.#begin(value.data) : this.#attach(value.data);
  }

  #begin(text: string): SocketIoMessage {
    const before = this.#begun;
    this.#end();
    if (before !== undefined)
      return {
        type: 'problem',
        problem: `a packet in place of one of the ${before.attachments} attachments of the one before`,
      };
    const { value, problem } = readSocketIo(text);
    if (problem !== undefined) return { type: 'problem', problem };
    if (value.attachments === 0) return { type: 'packet', ...value };
    this.#begun = value;
    return { type: 'begun', ...value };
  }

  #attach(bytes: Uint8Array): SocketIoMessage {
    const begun = this.#begun;
    if (begun === undefined) return { type: 'problem', problem: 'bytes that no packet before them has announced' };
    this.#bytes += bytes.length;
    if (this.#bytes > MAX_BYTES) {
      this.#end();
      return { type: 'problem', problem: `attachments of more than ${MAX_BYTES} bytes` };
    }
    const number = this.#attachments.push(bytes);
    if (number < begun.attachments) return { type: 'attachment', packet: begun.packet, number, of: begun.attachments };
    const { value, problem } = joinSocketIo(begun.packet, this.#attachments);
    this.#end();
    if (problem !== undefined) return { type: 'problem', problem };
    return { type: 'packet', packet: value, attachments: begun.attachments };
  }

  #end(): void {
    this.#begun = undefined;
    this.#attachments = [];
    this.#bytes = 0;
  }
}

/**
 * The messages of a WebSocket that say a packet of Socket.IO.
 * @throws TypeError if it cannot be said
 */
export function writeSocketIoMessages(packet: SocketIoPacket): readonly MessageData[] {
  return writeSocketIo(packet).map((data) => writeEngineIo({ type: 'message', data }));
}
