import type { Random } from '../schedule/random.ts';

// Messages are made from a template, anew each time, and recognised when they come back: by a stamp, wherever in a message it
// stands, so that a server may wrap what it passes on.

/** What a message says of itself. */
export interface Stamp {
  /** The number of the connection that sent it, from 1 on. */
  readonly connection: number;
  /** Of the messages of that connection, from 1 on. */
  readonly sequence: number;
  /** When it was to be sent, in microseconds since the run began. */
  readonly time: number;
}

/** What a message is made with. */
export interface MessageContext extends Stamp {
  /** The name of the channel that it goes to, or the empty text. */
  readonly channel: string;
}

/** Each says what stands in its place. */
const placeholders: Readonly<Record<string, string>> = {
  stamp: 'connection, sequence number and time in one, as ~1.2.345~',
  seq: 'the sequence number, from 1 on, of the messages of this connection',
  time: 'when the message was to be sent, in microseconds since the run began',
  connection: 'the number of the connection, from 1 on',
  channel: 'the channel',
  'random:SIZE': 'so many letters and digits: {{random:32}}',
  'pick:A|B|C': 'one of these, by chance',
};

export const placeholderDocs: readonly (readonly [name: string, text: string])[] = Object.entries(placeholders);

/** The largest random text, in characters. */
const MAX_RANDOM = 1024 * 1024;

type Part =
  | { readonly type: 'literal'; readonly text: string }
  | { readonly type: 'stamp' | 'seq' | 'time' | 'connection' | 'channel' }
  | { readonly type: 'random'; readonly size: number }
  | { readonly type: 'pick'; readonly of: readonly string[] };

/** What is wrong with a template, for people; it begins with a verb. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

export class Template {
  readonly #parts: readonly Part[];

  /** @throws TemplateError */
  constructor(text: string) {
    this.#parts = parse(text);
  }

  has(type: 'seq' | 'time' | 'connection' | 'channel'): boolean {
    const isStamp = type !== 'channel' && this.#parts.some((part) => part.type === 'stamp');
    return isStamp || this.#parts.some((part) => part.type === type);
  }

  render(context: MessageContext, random: Random): string {
    let text = '';
    for (const part of this.#parts) text += textOf(part, context, random);
    return text;
  }

  /** What finds the stamps of messages that were made of this. */
  reader(): StampReader {
    return new StampReader(this.#parts);
  }
}

function parse(text: string): readonly Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const { 0: whole, 1: inner = '', index } of text.matchAll(/\{\{(.*?)\}\}/gs)) {
    if (index > end) parts.push({ type: 'literal', text: text.slice(end, index) });
    parts.push(placeholder(inner.trim(), whole));
    end = index + whole.length;
  }
  if (end < text.length) parts.push({ type: 'literal', text: text.slice(end) });
  return parts;
}

function placeholder(inner: string, whole: string): Part {
  const [, name = '', argument] = /^([a-z]+)(?::(.*))?$/s.exec(inner) ?? [];
  switch (name) {
    case 'stamp':
    case 'seq':
    case 'time':
    case 'connection':
    case 'channel':
      if (argument === undefined) return { type: name };
      throw new TemplateError(`has ${whole}, but ${name} takes no argument`);
    case 'random': {
      const size = Number(argument);
      if (/^\d+$/.test(argument ?? '') && size >= 1 && size <= MAX_RANDOM) return { type: 'random', size };
      throw new TemplateError(`has ${whole}, but random wants a size from 1 to ${MAX_RANDOM}, such as {{random:32}}`);
    }
    case 'pick':
      if (argument !== undefined && argument !== '') return { type: 'pick', of: argument.split('|') };
      throw new TemplateError(`has ${whole}, but pick wants what to pick from, such as {{pick:red|green}}`);
    default:
      throw new TemplateError(`has ${whole}, which is none of ${Object.keys(placeholders).join(', ')}`);
  }
}

function textOf(part: Part, { connection, sequence, time, channel }: MessageContext, random: Random): string {
  switch (part.type) {
    case 'literal':
      return part.text;
    case 'stamp':
      return `~${connection}.${sequence}.${time}~`;
    case 'seq':
      return String(sequence);
    case 'time':
      return String(time);
    case 'connection':
      return String(connection);
    case 'channel':
      return channel;
    case 'random':
      return random.text(part.size);
    case 'pick':
      return part.of[random.below(part.of.length)] ?? '';
  }
}

/** How much of the text around the numbers has to be there, in characters. */
const CONTEXT = 16;

const numbers: Readonly<Record<string, readonly (keyof Stamp)[]>> = {
  stamp: ['connection', 'sequence', 'time'],
  seq: ['sequence'],
  time: ['time'],
  connection: ['connection'],
};

/** Finds stamps in what comes. */
export class StampReader {
  readonly #pattern: RegExp | undefined;
  readonly #names: readonly (keyof Stamp)[];

  constructor(parts: readonly Part[]) {
    const isNumber = (part: Part) => part.type in numbers;
    const first = parts.findIndex(isNumber);
    const hasStamp = parts.some(({ type }) => type === 'stamp');
    // A stamp has all; otherwise the numbers, with all that stands between them and a little around.
    const chosen = hasStamp ? parts.filter(({ type }) => type === 'stamp').slice(0, 1) : window(parts, first);
    this.#names = chosen.flatMap(({ type }) => numbers[type] ?? []);
    this.#pattern = first === -1 ? undefined : new RegExp(chosen.map(patternOf).join(''), 'g');
  }

  /** Calls back for each stamp in the text. What the template has not is 0. */
  read(text: string, found: (stamp: Stamp) => void): void {
    const pattern = this.#pattern;
    if (pattern === undefined) return;
    pattern.lastIndex = 0;
    for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
      const stamp = { connection: 0, sequence: 0, time: 0 };
      for (const [index, name] of this.#names.entries()) stamp[name] = Number(match[index + 1]);
      found(stamp);
    }
  }
}

function window(parts: readonly Part[], first: number): readonly Part[] {
  const last = parts.findLastIndex((part) => part.type in numbers);
  const inner = parts.slice(first, last + 1);
  const before = parts[first - 1];
  const after = parts[last + 1];
  return [
    ...(before?.type === 'literal' ? [{ ...before, text: before.text.slice(-CONTEXT) }] : []),
    ...inner,
    ...(after?.type === 'literal' ? [{ ...after, text: after.text.slice(0, CONTEXT) }] : []),
  ];
}

function patternOf(part: Part): string {
  switch (part.type) {
    case 'literal':
      return escaped(part.text);
    case 'stamp':
      return '~(\\d{1,15})\\.(\\d{1,15})\\.(\\d{1,15})~';
    case 'channel':
      return '[^]{0,255}?';
    case 'random':
      return `[A-Za-z0-9]{${part.size}}`;
    case 'pick':
      return `(?:${part.of.map(escaped).join('|')})`;
    default:
      return '(\\d{1,15})';
  }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}
