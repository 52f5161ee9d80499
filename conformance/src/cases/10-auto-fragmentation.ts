// Section 10: a message cut by the sender's automatic fragmentation.
import type { Case } from '../table.ts';
import { closes, filled, fragmented, getText, send } from '../words.ts';

const message = filled(65_536, 0x2a);

export const autoFragmentation: readonly Case[] = [
  {
    id: '10.1.1',
    title: 'text of 65,536 bytes in frames of 1,300',
    script: [send(...fragmented('text', message, 1300)), getText(message), ...closes],
  },
];
