import { fromBase64, type MessageData, type MessageJson } from '@tidewire/inspector/recording';

// A message as the page keeps it: as it was told, so that nothing is computed for the many that nobody looks at.

export interface Entry {
  /** Put in anew when it is known what became of a message that was held or delayed. */
  message: MessageJson;
}

/** What an entry takes besides its payload, in bytes: measured with V8, rounded up. */
const OVERHEAD = 300;

/** About how much memory an entry takes, in bytes. */
export function sizeOf({ message: { data, bytes, original, originalBytes } }: Entry): number {
  return OVERHEAD + [data, bytes, original, originalBytes].reduce((sum, text) => sum + (text?.length ?? 0), 0);
}

/** The payload, as far as it is there; empty if its base64 is none. */
export function contentOf({ data, bytes }: MessageJson): MessageData {
  return data ?? bytesOf(bytes ?? '');
}

/** What came in place of the payload that went on, if something else did. */
export function originalOf({ original, originalBytes }: MessageJson): MessageData | undefined {
  return original ?? (originalBytes === undefined ? undefined : bytesOf(originalBytes));
}

/** The payload as text, with U+FFFD for what is no UTF-8. */
export function textOf(message: MessageJson): string {
  return message.data ?? decodeText(bytesOf(message.bytes ?? ''));
}

export function decodeText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Whether there may be more of the payload than is here. */
export function isPartial({ message: { data, bytes, length, isCut } }: Entry): boolean {
  if (isCut) return true;
  if (bytes !== undefined) return bytesOf(bytes).length < length;
  // A character has one byte at least, so only long text has to be encoded.
  return data !== undefined && data.length < length && new TextEncoder().encode(data).length < length;
}

function bytesOf(base64: string): Uint8Array {
  try {
    return fromBase64(base64);
  } catch {
    return new Uint8Array();
  }
}

/** What opcodes are called (RFC 6455, 5.2). */
export const opcodeNames: Readonly<Record<number, string>> = {
  1: 'text',
  2: 'binary',
  8: 'close',
  9: 'ping',
  10: 'pong',
};

export function opcodeName(opcode: number): string {
  return opcodeNames[opcode] ?? `opcode ${opcode}`;
}
