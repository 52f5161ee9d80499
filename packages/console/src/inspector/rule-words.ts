import type { Match, Rule } from '@tidewire/inspector/recording';
import { opcodeName } from './store/entry.ts';

/** A rule as a sentence: "Hold half of the text messages to the server with “join”". */
export function describeRule({ action, match, share }: Rule): string {
  const what = {
    hold: 'Hold',
    drop: 'Drop',
    delay: 'Delay',
    close: `Close with ${action.type === 'close' ? action.code : 0} upon`,
  }[action.type];
  const part = share === undefined || share >= 1 ? '' : `${Math.round(share * 100)} % of `;
  const by = action.type === 'delay' ? ` by ${action.by} ms` : '';
  return `${what} ${part}${describeMatch(match)}${by}`;
}

function describeMatch(match: Match): string {
  const { connection, direction, opcodes = [], text, pattern, minLength, maxLength } = match;
  const ways = { toServer: ' to the server', toClient: ' to the client' } as const;
  return [
    `${opcodes.map((opcode) => `${opcodeName(opcode)} `).join('or ')}messages`,
    direction === undefined ? '' : ways[direction],
    connection === undefined ? '' : ` of connection #${connection}`,
    text === undefined ? '' : ` with “${text}”`,
    pattern === undefined ? '' : ` that match /${pattern}/`,
    minLength === undefined ? '' : ` of ${minLength} bytes or more`,
    maxLength === undefined ? '' : ` of ${maxLength} bytes or less`,
  ].join('');
}
