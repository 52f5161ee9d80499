// Section 1: messages of the lengths where the form of the length changes (RFC 6455, 5.2).
import type { Case, MessageType } from '../table.ts';
import { binary, closes, filled, getBinary, getText, send, sendChopped, text } from '../words.ts';

const lengths: readonly { length: number; chop?: number }[] = [
  { length: 0 },
  { length: 125 },
  { length: 126 },
  { length: 127 },
  { length: 128 },
  { length: 65_535 },
  { length: 65_536 },
  { length: 65_536, chop: 997 },
];

function rows(section: string, type: MessageType): Case[] {
  return lengths.map(({ length, chop }, n) => {
    const payload = filled(length, type === 'text' ? 0x2a : 0xfe);
    const message = type === 'text' ? text(payload) : binary(payload);
    return {
      id: `${section}.${n + 1}`,
      title: `${type} message of ${length} bytes${chop === undefined ? '' : ` in writes of ${chop}`}`,
      script: [
        chop === undefined ? send(message) : sendChopped(chop, message),
        type === 'text' ? getText(payload) : getBinary(payload),
        ...closes,
      ],
    };
  });
}

export const framing: readonly Case[] = [...rows('1.1', 'text'), ...rows('1.2', 'binary')];
