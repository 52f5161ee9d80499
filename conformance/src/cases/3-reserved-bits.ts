// Section 3: reserved bits without an extension that gives them a meaning (RFC 6455, 5.2). What came before is still
// answered; the Ping behind is not.
import type { Case } from '../table.ts';
import { binary, close, fails, getTextFirst, ping, send, sendByFrame, sendChopped, text } from '../words.ts';

const good = 'taken before the bad frame';

export const reservedBits: readonly Case[] = [
  { id: '3.1', title: 'text with RSV3', script: [send(text('x', { rsv: 1 })), fails(1002)] },
  {
    id: '3.2',
    title: 'text, then text with RSV2, then Ping',
    script: [send(text(good), text(good, { rsv: 2 }), ping()), getTextFirst(good), fails(1002)],
  },
  {
    id: '3.3',
    title: 'text, then text with RSV2 and RSV3, then Ping, frame by frame',
    script: [sendByFrame(text(good), text(good, { rsv: 3 }), ping()), getTextFirst(good), fails(1002)],
  },
  {
    id: '3.4',
    title: 'text, then text with RSV1, then Ping, byte by byte',
    script: [sendChopped(1, text(good), text(good, { rsv: 4 }), ping()), getTextFirst(good), fails(1002)],
  },
  { id: '3.5', title: 'binary with RSV1 and RSV3', script: [send(binary('x', { rsv: 5 })), fails(1002)] },
  { id: '3.6', title: 'Ping with RSV1 and RSV2', script: [send(ping('x', { rsv: 6 })), fails(1002)] },
  { id: '3.7', title: 'Close with all three', script: [send({ ...close(1000), rsv: 7 }), fails(1002)] },
];
