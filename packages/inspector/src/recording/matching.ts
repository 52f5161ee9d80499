import type { Match } from './control.ts';
import type { MessageRecord } from './model.ts';
import { Pattern } from './pattern.ts';

// Which messages a rule or a filter is about. Compiled once, it is asked about each message.

/** No more of a message than its beginning is searched, in characters: what is asked of every message has to be quick. */
const MOST_SEARCHED = 256 * 1024;

/** Whether a message is one of those. */
export type CompiledMatch = (record: MessageRecord) => boolean;

/**
 * @param most characters of a message that are searched, from its beginning on. Default 256 Ki
 * @throws PatternError if the regular expression is none, or is one that cannot be searched for
 */
export function compileMatch(match: Match, most = MOST_SEARCHED): CompiledMatch {
  const { connection, direction, opcodes, minLength = 0, maxLength = Number.POSITIVE_INFINITY } = match;
  const contains = compileContent(match, most);
  return (record) =>
    (connection === undefined || record.connection === connection) &&
    (direction === undefined || record.direction === direction) &&
    (opcodes === undefined || opcodes.includes(record.opcode)) &&
    record.length >= minLength &&
    record.length <= maxLength &&
    contains(record);
}

/**
 * Whether the message is one of those. For more than a few, compile the match.
 * @throws PatternError
 */
export function matches(record: MessageRecord, match: Match): boolean {
  return compileMatch(match)(record);
}

function compileContent({ text = '', pattern = '' }: Match, most: number): CompiledMatch {
  const wanted = text === '' ? undefined : text.toLowerCase();
  const expression = pattern === '' ? undefined : new Pattern(pattern);
  if (wanted === undefined && expression === undefined) return () => true;
  const decoder = new TextDecoder();
  return ({ data }) => {
    const content = typeof data === 'string' ? data.slice(0, most) : decoder.decode(data.subarray(0, most));
    if (wanted !== undefined && !content.toLowerCase().includes(wanted)) return false;
    return expression === undefined || expression.isIn(content);
  };
}
