import type { Decoded, Decoder, DecoderKind } from '@tidewire/codecs';
import { contentOf, type Entry, isPartial } from './entry.ts';
import type { Connection } from './store.ts';

// What messages mean, asked for those alone that somebody looks at. A decoder is best called in order, so it is shown what came
// just before whenever the reader has jumped.

/** Messages by which a decoder is chosen. */
const FIRST = 8;
/** After so many messages of no known protocol it is given up. */
const ENOUGH = 32;
/** Messages that a decoder is shown before the one that is asked for. */
const CONTEXT = 4;
/** Answers that are remembered. */
const REMEMBERED = 2000;

/** Say nothing of a message that one does not see by itself. */
const plain: ReadonlySet<string> = new Set(['json', 'text']);

export interface Codecs {
  readonly kinds: readonly DecoderKind[];
  choose(conversation: Parameters<DecoderKind['recognise']>[0]): DecoderKind | undefined;
}

/** The reading of one connection. */
class Reading {
  readonly kind: DecoderKind;
  readonly #decoder: Decoder;
  readonly #answers = new Map<Entry['message'], readonly Decoded[] | undefined>();
  #next: number;

  constructor(kind: DecoderKind, { entries }: Connection) {
    this.kind = kind;
    this.#decoder = kind.create();
    this.#next = entries.start;
    // What a client says first often rules all that follows, such as the version of a protocol.
    for (const stop = Math.min(entries.end, entries.start + FIRST); this.#next < stop; this.#next += 1) {
      this.#ask(entries.at(this.#next));
    }
  }

  read(entry: Entry, { entries }: Connection): readonly Decoded[] | undefined {
    if (this.#answers.has(entry.message)) return this.#answers.get(entry.message);
    const index = entries.search(({ message }) => message.seq >= entry.message.seq);
    if (index !== this.#next) {
      for (let at = Math.max(entries.start, index - CONTEXT); at < index; at += 1) this.#ask(entries.at(at));
    }
    this.#next = index + 1;
    return this.#ask(entry);
  }

  #ask(entry: Entry | undefined): readonly Decoded[] | undefined {
    if (entry === undefined || entry.message.opcode > 2) return undefined;
    const answer = this.#decoder.decode(contentOf(entry.message), entry.message.direction, isPartial(entry));
    this.#answers.set(entry.message, answer);
    if (this.#answers.size > REMEMBERED) {
      const [oldest] = this.#answers.keys();
      if (oldest !== undefined) this.#answers.delete(oldest);
    }
    return answer;
  }
}

export class Decoding {
  readonly codecs: Codecs;
  readonly #readings = new WeakMap<Connection, Reading>();
  /** The name of a decoder, or `none`. */
  readonly #byHand = new WeakMap<Connection, string>();
  readonly #tried = new WeakMap<Connection, number>();

  constructor(codecs: Codecs) {
    this.codecs = codecs;
  }

  /** What a person has chosen for a connection: the name of a decoder, `none`, or `undefined` for nothing. */
  chosenFor(connection: Connection): string | undefined {
    return this.#byHand.get(connection);
  }

  choose(connection: Connection, name: string | undefined): void {
    if (name === undefined) this.#byHand.delete(connection);
    else this.#byHand.set(connection, name);
    this.#readings.delete(connection);
    this.#tried.delete(connection);
  }

  /** The protocol that messages of this connection are read by, if any. */
  kindOf(connection: Connection): DecoderKind | undefined {
    return this.#readingOf(connection)?.kind;
  }

  /** What the message says in its protocol; `undefined` if it is none of that, or a control frame, or there is no decoder. */
  read(entry: Entry, connection: Connection | undefined): readonly Decoded[] | undefined {
    if (connection === undefined || entry.message.opcode > 2) return undefined;
    const reading = this.#readingOf(connection);
    return reading === undefined || plain.has(reading.kind.name) ? undefined : reading.read(entry, connection);
  }

  #readingOf(connection: Connection): Reading | undefined {
    const known = this.#readings.get(connection);
    if (known !== undefined) return known;
    const kind = this.#kindFor(connection);
    if (kind === undefined) return undefined;
    const reading = new Reading(kind, connection);
    this.#readings.set(connection, reading);
    return reading;
  }

  #kindFor(connection: Connection): DecoderKind | undefined {
    const name = this.#byHand.get(connection);
    if (name !== undefined) return this.codecs.kinds.find((kind) => kind.name === name);
    const { record, entries } = connection;
    // Tried again only when there is more to go by.
    const tried = this.#tried.get(connection) ?? -1;
    if (tried === entries.end || tried > ENOUGH) return undefined;
    this.#tried.set(connection, entries.end);
    const messages = [];
    for (let at = entries.start; at < entries.end && messages.length < FIRST; at += 1) {
      const message = entries.at(at)?.message;
      if (message !== undefined && message.opcode <= 2) {
        messages.push({ data: contentOf(message), direction: message.direction });
      }
    }
    const { pathname = '', search = '' } = URL.canParse(record.url) ? new URL(record.url) : {};
    return this.codecs.choose({ subprotocol: record.subprotocol, target: `${pathname}${search}`, messages });
  }
}
