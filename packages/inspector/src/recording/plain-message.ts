import type { MessageRecord } from './model.ts';

/** Of a message of which nobody has seen the frames: it is taken to have been one, uncompressed, masked if a client sent it. */
export function plainMessage(
  message: Pick<MessageRecord, 'seq' | 'connection' | 'at' | 'direction' | 'data'>,
): MessageRecord {
  const { data, direction } = message;
  const length = typeof data === 'string' ? new TextEncoder().encode(data).length : data.length;
  const masked = direction === 'toServer';
  return {
    ...message,
    opcode: typeof data === 'string' ? 1 : 2,
    frames: 1,
    compressed: false,
    masked,
    wireLength: length + headerLength(length) + (masked ? 4 : 0),
    length,
    isCut: false,
    fate: 'forwarded',
  };
}

/** Of a frame without its masking key (RFC 6455, 5.2). */
function headerLength(length: number): number {
  return length < 126 ? 2 : length < 65_536 ? 4 : 10;
}
