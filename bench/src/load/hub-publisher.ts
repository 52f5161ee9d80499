import { clientFrame } from './frames.ts';
import { MarkerCounter } from './marker-counter.ts';
import type { RawConnection } from './raw-connection.ts';

/** A client that publishes numbered messages in many channels, and knows when the server has taken them. */
export class Publisher {
  readonly #connection: RawConnection;
  readonly #channels: readonly string[];
  readonly #filler: string;
  #round = 0;
  #unanswered = 0;
  #answered: (() => void) | undefined;

  /** @param size bytes of the JSON of each */
  constructor(connection: RawConnection, channels: readonly string[], size: number) {
    this.#connection = connection;
    this.#channels = channels;
    this.#filler = 'x'.repeat(Math.max(0, size - '{"n":10,"text":""}'.length));
    const answers = new MarkerCounter('"publish":{}');
    connection.onBytes = (bytes, length) => {
      this.#unanswered -= answers.take(bytes, length);
      if (this.#unanswered === 0) this.#answered?.();
    };
  }

  /** One in each channel: the first of all has the number 1. Resolves when all are published. */
  async publish(): Promise<void> {
    const number = ++this.#round;
    const commands = this.#channels.map(
      (channel) => `{"id":3,"publish":{"channel":"${channel}","data":{"n":${number},"text":"${this.#filler}"}}}`,
    );
    this.#unanswered += commands.length;
    const answered = new Promise<void>((resolve) => {
      this.#answered = resolve;
    });
    this.#connection.socket.write(clientFrame('text', Buffer.from(commands.join('\n'))));
    await answered;
  }
}
