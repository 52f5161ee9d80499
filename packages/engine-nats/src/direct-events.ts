import type { StreamPosition } from '@tidewire/hub';

// What goes to nodes without being kept, signals and publications of channels without a history:
//
//   t sender count [epoch offset] newline event
//
// `sender` and `count` tell events apart. The position is that of the publication which the sender has seen stored before it.

export interface DirectEvent {
  /** Names the event. */
  readonly id: string;
  readonly after: StreamPosition | undefined;
  readonly event: string;
}

const encoder = new TextEncoder();

export function encodeDirect(
  sender: string,
  count: number,
  after: StreamPosition | undefined,
  event: string,
): Uint8Array {
  const place = after === undefined ? '' : ` ${after.epoch} ${after.offset}`;
  return encoder.encode(`t${sender} ${count}${place}\n${event}`);
}

export function decodeDirect(data: Uint8Array): DirectEvent | undefined {
  const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString();
  const end = text.indexOf('\n');
  if (text[0] !== 't' || end === -1) return undefined;
  const [sender, count, epoch, offset] = text.slice(1, end).split(' ');
  const after = epoch === undefined ? undefined : { epoch, offset: Number(offset) };
  return { id: `${sender} ${count}`, after, event: text.slice(end + 1) };
}
