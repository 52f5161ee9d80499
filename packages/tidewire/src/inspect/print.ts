import type { Batch, Recorder } from '@tidewire/inspector';
import { type ConnectionRecord, type MessageRecord, maskConnection, maskMessage } from '@tidewire/inspector/recording';
import { closeCodeMeaning } from '../connect/close-codes.ts';
import { formatSize, timeOfDay, visible } from '../connect/format.ts';

// Messages as lines of a terminal, or of a pipe.

/** Characters, or bytes, that are shown of a message. */
const SHOWN = 200;

/** What may wait for a slow terminal, in characters. What comes meanwhile is counted in place of being shown. */
const MOST_WAITING = 1024 * 1024;

const CLOSE = 8;
const kinds: Readonly<Record<number, string>> = { 1: 'text', 2: 'binary', [CLOSE]: 'close', 9: 'ping', 10: 'pong' };

/** What is needed of stdout. */
export interface Output {
  readonly writableLength: number;
  write(text: string): unknown;
}

/** Prints what is recorded from now on. */
export function printMessages(recorder: Recorder, output: Output, showsSecrets: boolean): void {
  let leftOut = 0;
  recorder.listen(({ connections, messages, changed }: Batch) => {
    if (output.writableLength > MOST_WAITING) {
      leftOut += messages.length;
      return;
    }
    const shown = showsSecrets ? connections : connections.map(maskConnection);
    const lines: string[] = [];
    if (leftOut > 0) lines.push(`… ${leftOut} messages were not shown: they came faster than they could be written\n`);
    leftOut = 0;
    for (const record of shown) lines.push(...beginning(record));
    for (const record of messages) lines.push(lineOf(showsSecrets ? record : maskMessage(record)));
    for (const { seq, connection, fate, at } of changed) {
      lines.push(`${timeOf(at)} #${connection} message ${seq} was ${fate}\n`);
    }
    for (const record of shown) lines.push(...ending(record));
    output.write(lines.join(''));
  });
}

/** A connection is told of when it is asked for, when it was answered and when it has ended. */
function beginning({ id, url, openedAt, from = 'somebody', response, end }: ConnectionRecord): readonly string[] {
  if (end !== undefined) return [];
  if (response === undefined) return [`${timeOf(openedAt)} #${id} ${from} asks for ${visible(url)}\n`];
  return [`${timeOf(openedAt)} #${id} is open: ${visible(url)}\n`];
}

function ending({ id, end }: ConnectionRecord): readonly string[] {
  if (end === undefined) return [];
  const { at, code, reason, by, error = '' } = end;
  const why = [reason, error].filter((text) => text !== '').map((text) => visible(`: ${text}`));
  return [`${timeOf(at)} #${id} ended by the ${by} with ${code}${why.join('')}\n`];
}

function lineOf({ connection, direction, at, opcode, length, data, fate, problem }: MessageRecord): string {
  const arrow = direction === 'toServer' ? '→' : '←';
  const notes = [fate === 'forwarded' ? undefined : fate, problem].filter((note) => note !== undefined);
  const said = notes.length === 0 ? '' : ` (${visible(notes.join(': '))})`;
  const size = `${kinds[opcode] ?? opcode} ${formatSize(length)}`;
  return `${timeOf(at)} #${connection} ${arrow} ${size}${said}${shorten(opcode, data)}\n`;
}

/** Behind a blank, if there is anything. */
function shorten(opcode: number, data: string | Uint8Array): string {
  if (data.length === 0) return '';
  const rest = data.length > SHOWN ? '…' : '';
  if (typeof data !== 'string' && opcode === CLOSE && data.length >= 2) return ` ${inWords(Buffer.from(data))}`;
  if (typeof data !== 'string') return ` ${Buffer.from(data.subarray(0, SHOWN)).toString('hex')}${rest}`;
  // One message, one line.
  return ` ${oneLine(data.slice(0, SHOWN))}${rest}`;
}

/** The code of a Close frame with its meaning, and the reason (RFC 6455, 5.5.1). */
function inWords(payload: Buffer): string {
  const code = payload.readUInt16BE();
  const reason = payload.length > 2 ? `: ${oneLine(payload.toString('utf8', 2))}` : '';
  return `${code} (${closeCodeMeaning(code)})${reason}`;
}

function oneLine(text: string): string {
  return visible(text).replace(/\n/g, '\\n');
}

function timeOf(at: number): string {
  return timeOfDay(new Date(at));
}
