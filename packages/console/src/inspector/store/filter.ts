import type { Direction, MessageJson } from '@tidewire/inspector/recording';
import { isPartial, textOf } from './entry.ts';
import type { WholeSearch } from './whole-search.ts';

/** Which messages a person wants to see. Empty or left out: it does not matter. */
export interface Filter {
  readonly text: string;
  /** Whether `text` is a regular expression. */
  readonly isPattern: boolean;
  readonly direction?: Direction | undefined;
  readonly opcodes: readonly number[];
  /** Bytes of the payload, uncompressed: this many at least, and at most. */
  readonly minLength?: number | undefined;
  readonly maxLength?: number | undefined;
  /** In milliseconds since 1970. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

export const noFilter: Filter = { text: '', isPattern: false, opcodes: [] };

/** `undefined`: it is not known yet. */
export type Test = (message: MessageJson) => boolean | undefined;

/** `test` is left out where all messages pass. `problem` says why a regular expression is none; then `test` is without it. */
export interface CompiledFilter {
  readonly test?: Test | undefined;
  readonly problem?: string | undefined;
}

/**
 * Text is found whatever its case; a regular expression is taken as it is written, without flags.
 * @param whole looks for the text in what the page does not have of a message. Default: that is not looked at
 */
export function compileFilter(filter: Filter, whole?: Pick<WholeSearch, 'has'>): CompiledFilter {
  const { direction, minLength = 0, maxLength = Number.POSITIVE_INFINITY, from, to } = filter;
  const tests: ((message: MessageJson) => boolean)[] = [];
  if (direction !== undefined) tests.push((message) => message.direction === direction);
  if (filter.opcodes.length > 0) {
    const wanted = new Set(filter.opcodes);
    tests.push(({ opcode }) => wanted.has(opcode));
  }
  if (minLength > 0 || maxLength < Number.POSITIVE_INFINITY) {
    tests.push(({ length }) => length >= minLength && length <= maxLength);
  }
  if (from !== undefined) tests.push(({ at }) => at >= from);
  if (to !== undefined) tests.push(({ at }) => at < to);
  const { pattern, problem } = compileText(filter.text, filter.isPattern);
  if (tests.length === 0 && pattern === undefined) return { problem };
  // The text last, because it costs most.
  const hasText = (message: MessageJson): boolean | undefined =>
    pattern === undefined ||
    pattern.test(textOf(message)) ||
    (whole !== undefined && isPartial({ message }) && whole.has(message.seq));
  return { test: (message) => tests.every((test) => test(message)) && hasText(message), problem };
}

/** What finds the text, or what a person must know of why it cannot. Neither for the empty text. */
export function compileText(
  text: string,
  isPattern: boolean,
): { readonly pattern?: RegExp; readonly problem?: string } {
  if (text === '') return {};
  try {
    return { pattern: isPattern ? new RegExp(text) : new RegExp(escaped(text), 'i') };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
