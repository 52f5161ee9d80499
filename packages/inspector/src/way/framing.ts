import { nodePlatform } from '@tidewire/node';
import { FIN, frameHeaderSize, maskInto, writeFrameHeader } from '@tidewire/protocol';

// Frames that nobody has sent: for what is put in, or in place of what came.

const keyBytes = new Uint8Array(4);

/** One frame with the whole message, never compressed. To a server it is masked (RFC 6455, 5.3), with a key of its own. */
export function frameOf(opcode: number, payload: Uint8Array, toServer: boolean): Uint8Array {
  const key = toServer ? randomKey() : undefined;
  const frame = new Uint8Array(frameHeaderSize(payload.length, toServer) + payload.length);
  const at = writeFrameHeader(frame, 0, FIN | opcode, payload.length, key);
  maskInto(payload, 0, payload.length, frame, at, key ?? 0);
  return frame;
}

function randomKey(): number {
  nodePlatform.randomFill(keyBytes);
  return new DataView(keyBytes.buffer).getInt32(0);
}

/** The payload of a Close frame (RFC 6455, 5.5.1), its reason cut to the 123 bytes that it may have. */
export function closePayload(code: number, reason: string): Uint8Array {
  const payload = new Uint8Array(125);
  new DataView(payload.buffer).setUint16(0, code);
  const { written } = new TextEncoder().encodeInto(reason, payload.subarray(2));
  return payload.subarray(0, 2 + written);
}

/** What a Close frame says; 1005 if it has no code. */
export function readClose(payload: Uint8Array): { readonly code: number; readonly reason: string } {
  if (payload.length < 2) return { code: 1005, reason: '' };
  const code = ((payload[0] ?? 0) << 8) | (payload[1] ?? 0);
  return { code, reason: new TextDecoder().decode(payload.subarray(2)) };
}
