import { Fields } from './fields.ts';
import type { ConnectionEnd, ConnectionRecord, MessageRecord, Recording } from './model.ts';
import { parseConnection, parseEnd, parseMessage } from './parse-records.ts';
import { RecordingError } from './recording-error.ts';
import { messageToJson } from './wire.ts';

// A recording as lines of JSON, which can be written while it happens: whatever of it is there can be read. The README of this
// package describes it.

export const jsonLinesFormat = 'tidewire-recording';

/** The only one there is. */
export const jsonLinesVersion = 1;

/** The first line, with its line feed, as all of them. */
export function headLine(): string {
  return line({ format: jsonLinesFormat, version: jsonLinesVersion });
}

/** To be written before the messages of the connection; again when more is known of it, such as what the server answered. */
export function connectionLine(record: ConnectionRecord): string {
  return line({ type: 'connection', ...record });
}

/** Again, with the same `seq`, when it is clear what became of a message that was held. */
export function messageLine(record: MessageRecord): string {
  return line({ type: 'message', ...messageToJson(record) });
}

export function endLine(connection: number, end: ConnectionEnd): string {
  return line({ type: 'end', connection, ...end });
}

/** A whole recording, in the order of time. Join them, or write one after the other. */
export function* jsonLinesOf({ connections, messages }: Recording): Generator<string, void> {
  yield headLine();
  for (const { end: _, ...record } of connections) yield connectionLine(record);
  for (const message of messages) yield messageLine(message);
  for (const { id, end } of connections) if (end !== undefined) yield endLine(id, end);
}

/** What was read. */
export interface JsonLines extends Recording {
  /** Whether the file ends within a line, which was left out. */
  readonly isCutOff: boolean;
}

/**
 * Reads what `jsonLinesOf` writes, or its beginning.
 * @throws RecordingError
 */
export function parseJsonLines(text: string): JsonLines {
  const reader = new JsonLinesReader();
  let at = 0;
  for (;;) {
    const end = text.indexOf('\n', at);
    if (end < 0) break;
    reader.line(text.slice(at, end));
    at = end + 1;
  }
  return reader.end(text.slice(at));
}

/** Takes a file line by line, so that it need not be in memory as a whole. */
export class JsonLinesReader {
  readonly #connections = new Map<number, ConnectionRecord>();
  readonly #messages = new Map<number, MessageRecord>();
  #line = 0;
  #last = 0;
  #isInOrder = true;

  /**
   * @param text without its line feed
   * @throws RecordingError
   */
  line(text: string): void {
    this.#line += 1;
    if (this.#line > 1 && text.trim() === '') return;
    const fields = new Fields(this.#parse(this.#line === 1 ? text.replace(/^\uFEFF/, '') : text), '', this.#line);
    if (this.#line === 1) this.#head(fields);
    else this.#record(fields);
  }

  /**
   * @param rest what comes after the last line feed: a whole line, or its beginning, if anything
   * @throws RecordingError if nothing came
   */
  end(rest = ''): JsonLines {
    const isCutOff = rest.trim() !== '' && !isJson(rest);
    if (this.#line === 0 || (rest.trim() !== '' && !isCutOff)) this.line(rest);
    const messages = [...this.#messages.values()];
    if (!this.#isInOrder) messages.sort((one, other) => one.seq - other.seq);
    return { connections: [...this.#connections.values()], messages, isCutOff };
  }

  #parse(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch (error) {
      const should =
        this.#line === 1 ? `must be {"format":"${jsonLinesFormat}","version":1}` : 'must be an object in JSON';
      throw new RecordingError(`this ${should}`, this.#line, { cause: error });
    }
  }

  #head(fields: Fields): void {
    if (fields.value('format') !== jsonLinesFormat) fields.fail('format', `must be "${jsonLinesFormat}"`);
    const version = fields.integer('version', 1);
    if (version > jsonLinesVersion) {
      fields.fail('version', `is ${version}, which is newer than what can be read here: ${jsonLinesVersion}`);
    }
  }

  #record(fields: Fields): void {
    switch (fields.oneOf('type', ['connection', 'message', 'end'])) {
      case 'connection': {
        const record = parseConnection(fields);
        this.#connections.set(record.id, record);
        return;
      }
      case 'message': {
        const record = parseMessage(fields);
        this.#known(fields, record.connection);
        this.#messages.set(record.seq, record);
        if (record.seq < this.#last) this.#isInOrder = false;
        this.#last = record.seq;
        return;
      }
      case 'end': {
        const connection = this.#known(fields, fields.integer('connection', 1));
        this.#connections.set(connection.id, { ...connection, end: parseEnd(fields) });
      }
    }
  }

  #known(fields: Fields, id: number): ConnectionRecord {
    return (
      this.#connections.get(id) ?? fields.fail('connection', `must be one of the lines before, and none has ${id}`)
    );
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
