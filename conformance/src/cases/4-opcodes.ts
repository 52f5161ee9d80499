// Section 4: opcodes that mean nothing (RFC 6455, 5.2).
import type { Case } from '../table.ts';
import { fails, frame, getTextFirst, ping, send, sendByFrame, sendChopped, text } from '../words.ts';

const good = 'taken before the bad frame';

function rows(section: string, first: number): Case[] {
  const unknown = (n: number, payload = ''): ReturnType<typeof frame> => frame(first + n, payload);
  return [
    { id: `${section}.1`, title: `opcode ${first}`, script: [send(unknown(0)), fails(1002)] },
    { id: `${section}.2`, title: `opcode ${first + 1} with payload`, script: [send(unknown(1, 'x')), fails(1002)] },
    {
      id: `${section}.3`,
      title: `text, then opcode ${first + 2}, then Ping, frame by frame`,
      script: [sendByFrame(text(good), unknown(2), ping()), getTextFirst(good), fails(1002)],
    },
    {
      id: `${section}.4`,
      title: `text, then opcode ${first + 3} with payload, then Ping`,
      script: [send(text(good), unknown(3, 'x'), ping()), getTextFirst(good), fails(1002)],
    },
    {
      id: `${section}.5`,
      title: `text, then opcode ${first + 4} with payload, then Ping, byte by byte`,
      script: [sendChopped(1, text(good), unknown(4, 'x'), ping()), getTextFirst(good), fails(1002)],
    },
  ];
}

export const opcodes: readonly Case[] = [...rows('4.1', 3), ...rows('4.2', 11)];
