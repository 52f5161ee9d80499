// The words that the rows are written with: frames, steps, and the expectations that occur everywhere.
import type { Bulk, Expected, Frame, MessageType, Step } from './table.ts';

export const TEXT = 1;
export const BINARY = 2;
export const CONTINUATION = 0;

const encoder = new TextEncoder();

export type Data = string | Uint8Array;

export function bytes(data: Data): Uint8Array {
  return typeof data === 'string' ? encoder.encode(data) : data;
}

export function hex(digits: string): Uint8Array {
  return new Uint8Array(Buffer.from(digits.replaceAll(' ', ''), 'hex'));
}

export function filled(length: number, value: number): Uint8Array {
  return new Uint8Array(length).fill(value);
}

export function frame(opcode: number, data: Data = '', more: Partial<Frame> = {}): Frame {
  return { opcode, payload: bytes(data), fin: true, rsv: 0, ...more };
}

export const text = (data: Data, more?: Partial<Frame>): Frame => frame(TEXT, data, more);
export const binary = (data: Data, more?: Partial<Frame>): Frame => frame(BINARY, data, more);
export const ping = (data: Data = '', more?: Partial<Frame>): Frame => frame(9, data, more);
export const pong = (data: Data = '', more?: Partial<Frame>): Frame => frame(10, data, more);

/** A frame that is not the last of its message. */
export const open = (opcode: number, data: Data, more: Partial<Frame> = {}): Frame =>
  frame(opcode, data, { fin: false, ...more });
export const more = (data: Data = ''): Frame => open(CONTINUATION, data);
export const last = (data: Data = ''): Frame => frame(CONTINUATION, data);

export function closePayload(code?: number, reason: Data = ''): Uint8Array {
  if (code === undefined) return new Uint8Array();
  return new Uint8Array([code >> 8, code & 255, ...bytes(reason)]);
}
export const close = (code?: number, reason: Data = ''): Frame => frame(8, closePayload(code, reason));

/** A message cut into frames of `size` payload bytes, or one frame for each of the given pieces. */
export function fragmented(type: MessageType, message: Data | readonly Data[], size = 1): Frame[] {
  const pieces: Uint8Array[] = [];
  if (typeof message === 'string' || message instanceof Uint8Array) {
    const whole = bytes(message);
    for (let at = 0; at < whole.length; at += size) pieces.push(whole.subarray(at, at + size));
  } else {
    for (const piece of message) pieces.push(bytes(piece));
  }
  const opcode = type === 'text' ? TEXT : BINARY;
  return pieces.map((piece, n) => frame(n === 0 ? opcode : CONTINUATION, piece, { fin: n === pieces.length - 1 }));
}

export const send = (...frames: readonly Frame[]): Step => ({ do: 'send', frames });
export const sendByFrame = (...frames: readonly Frame[]): Step => ({ do: 'send', frames, by: 'frame' });
export const sendChopped = (by: number, ...frames: readonly Frame[]): Step => ({ do: 'send', frames, by });
/** Sends the header of a frame and the first `count` bytes of its payload. */
export const begin = (started: Frame, count = 0): Step => ({ do: 'begin', frame: started, bytes: count });
export const goOn = (count: number): Step => ({ do: 'go on', bytes: count });

const receive = (what: Expected): Step => ({ do: 'receive', what });
export const getText = (data: Data): Step => receive({ kind: 'text', payload: bytes(data) });
export const getBinary = (data: Data): Step => receive({ kind: 'binary', payload: bytes(data) });
export const getPong = (data: Data = ''): Step => receive({ kind: 'pong', payload: bytes(data) });
export const getClose = (code?: number, reason?: string): Step =>
  receive(reason === undefined ? { kind: 'close', code } : { kind: 'close', code, reason });
/** The echo must come, although what follows it in the same breath fails the connection. */
export const getTextFirst = (data: Data): Step => ({
  do: 'receive',
  what: { kind: 'text', payload: bytes(data) },
  strictly: true,
});

export const fails = (
  code: number,
  tolerated: readonly (number | 'no Close frame')[] = [],
  rest?: readonly Frame[] | 'the remainder',
): Step => (rest === undefined ? { do: 'fails', code, tolerated } : { do: 'fails', code, tolerated, rest });

export const ends: Step = { do: 'ends' };

/** The tester closes with 1000 and the peer answers in kind. */
export const closes: readonly Step[] = [send(close(1000)), getClose(1000), ends];

export const echo = (bulk: Bulk): Step => ({ do: 'echo', bulk });
