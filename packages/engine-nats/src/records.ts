// What stands in a stream of publications. A channel begins with a birth, whose token is its epoch; offsets count from there,
// and each record names both, so that any one of them says where it is. Whatever reads a record that is none ignores it.
//
//   birth          b token
//   publication    p token origin newline event       `origin` is the sequence of the birth, `event` as the hub writes it
//   clearance      c token origin standing            all before it was removed; it stands for the offset `standing`

export type StoredRecord =
  | { readonly kind: 'birth'; readonly epoch: string; readonly origin: number; readonly offset: number }
  | {
      readonly kind: 'publication';
      readonly epoch: string;
      readonly origin: number;
      readonly offset: number;
      readonly event: string;
    }
  /** `offset` is the one that it stands for. */
  | { readonly kind: 'clearance'; readonly epoch: string; readonly origin: number; readonly offset: number };

const encoder = new TextEncoder();

export function encodeBirth(epoch: string): Uint8Array {
  return encoder.encode(`b${epoch}`);
}

export function encodePublication(epoch: string, origin: number, event: string): Uint8Array {
  return encoder.encode(`p${epoch} ${origin}\n${event}`);
}

export function encodeClearance(epoch: string, origin: number, standing: number): Uint8Array {
  return encoder.encode(`c${epoch} ${origin} ${standing}`);
}

/** @param sequence that the stream has given it */
export function decodeRecord(data: Uint8Array, sequence: number): StoredRecord | undefined {
  const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString();
  const end = text.indexOf('\n');
  const [epoch = '', first = '', second = ''] = text.slice(1, end === -1 ? undefined : end).split(' ');
  if (epoch === '') return undefined;
  if (text[0] === 'b') return { kind: 'birth', epoch, origin: sequence, offset: 0 };
  const origin = Number(first);
  if (!Number.isSafeInteger(origin) || origin <= 0 || origin >= sequence) return undefined;
  if (text[0] === 'p' && end !== -1)
    return { kind: 'publication', epoch, origin, offset: sequence - origin, event: text.slice(end + 1) };
  if (text[0] === 'c' && /^\d+$/.test(second)) return { kind: 'clearance', epoch, origin, offset: Number(second) };
  return undefined;
}
