// Section 2: Ping and Pong (RFC 6455, 5.5.2 and 5.5.3).
import type { Case } from '../table.ts';
import { closes, fails, filled, getPong, hex, ping, pong, send, sendChopped } from '../words.ts';

const ten = Array.from({ length: 10 }, (_, n) => `ping number ${n}`);

export const pings: readonly Case[] = [
  { id: '2.1', title: 'Ping without payload', script: [send(ping()), getPong(), ...closes] },
  { id: '2.2', title: 'Ping with text', script: [send(ping('are you there?')), getPong('are you there?'), ...closes] },
  {
    id: '2.3',
    title: 'Ping with bytes that are not UTF-8',
    script: [send(ping(hex('00 ff fe fd fc fb 00 ff'))), getPong(hex('00 ff fe fd fc fb 00 ff')), ...closes],
  },
  {
    id: '2.4',
    title: 'Ping with 125 bytes',
    script: [send(ping(filled(125, 0xfe))), getPong(filled(125, 0xfe)), ...closes],
  },
  { id: '2.5', title: 'Ping with 126 bytes', script: [send(ping(filled(126, 0xfe))), fails(1002)] },
  {
    id: '2.6',
    title: 'Ping with 125 bytes, written byte by byte',
    script: [sendChopped(1, ping(filled(125, 0xfe))), getPong(filled(125, 0xfe)), ...closes],
  },
  { id: '2.7', title: 'Pong that nobody asked for', script: [send(pong()), ...closes] },
  { id: '2.8', title: 'Pong with payload that nobody asked for', script: [send(pong('unasked')), ...closes] },
  {
    id: '2.9',
    title: 'Pong that nobody asked for, then a Ping',
    script: [send(pong('unasked'), ping('asked')), getPong('asked'), ...closes],
  },
  {
    id: '2.10',
    title: 'ten Pings at once',
    script: [send(...ten.map((payload) => ping(payload))), ...ten.map((payload) => getPong(payload)), ...closes],
  },
  {
    id: '2.11',
    title: 'ten Pings, written byte by byte',
    script: [
      sendChopped(1, ...ten.map((payload) => ping(payload))),
      ...ten.map((payload) => getPong(payload)),
      ...closes,
    ],
  },
];
