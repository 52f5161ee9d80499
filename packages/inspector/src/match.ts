import type { Match, MessageRecord } from './recording/index.ts';

/** What a match asks about a message. */
export type Matchable = Pick<MessageRecord, 'connection' | 'direction' | 'opcode' | 'length' | 'data'>;

/**
 * Makes a test of messages.
 * @throws TypeError if the pattern is no regular expression
 */
export function matcherOf(match: Match): (message: Matchable) => boolean {
  const { connection, direction, opcodes, minLength = 0, maxLength = Number.POSITIVE_INFINITY } = match;
  const text = match.text?.toLowerCase();
  const pattern = patternOf(match.pattern);
  return (message) =>
    (connection === undefined || message.connection === connection) &&
    (direction === undefined || message.direction === direction) &&
    (opcodes === undefined || opcodes.includes(message.opcode)) &&
    message.length >= minLength &&
    message.length <= maxLength &&
    (text === undefined || textOf(message).toLowerCase().includes(text)) &&
    (pattern === undefined || pattern.test(textOf(message)));
}

function patternOf(source: string | undefined): RegExp | undefined {
  if (source === undefined) return undefined;
  try {
    return new RegExp(source, 'u');
  } catch (error) {
    throw new TypeError(`This is no regular expression: ${source}`, { cause: error });
  }
}

function textOf({ data }: Matchable): string {
  return typeof data === 'string' ? data : new TextDecoder().decode(data);
}
