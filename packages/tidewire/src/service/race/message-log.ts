/** One message of the stream, as every lane sends it. */
export interface StreamMessage {
  /** From 1 on, without gaps. */
  readonly n: number;
  /** JSON, without line breaks. */
  readonly text: string;
}

/** Far more than any lane is behind. A page that comes back after longer has missed what is older. */
const MOST = 1000;

/** How many messages are sent at once to who has missed many: some ten kilobytes. */
const PIECE = 100;

/** The last thousand messages of a run, so that a lane which asks gets all that it has not had. */
export class MessageLog {
  #messages: StreamMessage[] = [];
  #count = 0;

  /** Makes the next message, of the time `at` in milliseconds since the epoch. */
  append(at: number): StreamMessage {
    this.#count += 1;
    // About as long as a line of a chat: a gauge in the harbour reports the tide.
    const tide = (3 + 2 * Math.sin(this.#count / 20)).toFixed(2);
    const text = JSON.stringify({ n: this.#count, at: Math.round(at * 100) / 100, says: `The tide is at ${tide} m` });
    const message = { n: this.#count, text };
    this.#messages.push(message);
    // Not one by one: shifting a long array is slow.
    if (this.#messages.length >= 2 * MOST) this.#messages = this.#messages.slice(-MOST);
    return message;
  }

  /** The messages behind the one with this number, in order. */
  after(n: number): readonly StreamMessage[] {
    const first = this.#messages[0]?.n ?? 1;
    return this.#messages.slice(Math.max(0, n + 1 - first));
  }

  /** The same in pieces, none of them empty. */
  piecesAfter(n: number): readonly (readonly StreamMessage[])[] {
    const messages = this.after(n);
    const count = Math.ceil(messages.length / PIECE);
    return Array.from({ length: count }, (_, i) => messages.slice(i * PIECE, (i + 1) * PIECE));
  }
}

/** The number of the last message that the page has, as a request says it; 0 if it says none. */
export function lastKnown(given: string | string[] | null | undefined): number {
  return typeof given === 'string' && /^\d{1,9}$/.test(given) ? Number(given) : 0;
}
