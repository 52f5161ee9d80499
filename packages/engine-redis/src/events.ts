import { randomBytes } from 'node:crypto';
import { decodeEvent, type EngineEvent, type EngineListener, encodeEvent, type Publication } from '@tidewire/hub';

// Events as they go over Pub/Sub: a line that tells each from all others of its channel, then what `encodeEvent` has written.
//
//   sOFFSET PREVIOUS EPOCH newline EVENT      a publication of a stream; scripts/streams.ts writes that line
//   -NODE.COUNT newline EVENT                 anything else
//
// Redis tells a connection that has subscribed to a channel and to patterns that match it once for each, one right after the
// other. Since no two events of a channel are equal, whatever equals the one before it is the same.

export class EventWriter {
  readonly #node = randomBytes(6).toString('base64url');
  #count = 0;

  write(event: EngineEvent): string {
    this.#count++;
    return `-${this.#node}.${this.#count.toString(36)}\n${encodeEvent(event)}`;
  }
}

export class EventReader {
  readonly #listener: EngineListener;
  #lastChannel = '';
  #last = '';

  constructor(listener: EngineListener) {
    this.#listener = listener;
  }

  /** What cannot be read is passed over: others may publish on the same server. */
  read(channel: string, text: string): void {
    if (text === this.#last && channel === this.#lastChannel) return;
    this.#last = text;
    this.#lastChannel = channel;
    const end = text.indexOf('\n');
    if (end === -1) return;
    const event = decodeEvent(text.slice(end + 1));
    if (event === undefined) return;
    if (event.type !== 'publication') this.#listener.signalled(channel, event);
    else if (text[0] === '-') this.#listener.published(channel, event.publication, undefined);
    else this.#stored(channel, event.publication, text.slice(1, end));
  }

  #stored(channel: string, publication: Publication, line: string): void {
    const [offset, previous, epoch] = line.split(' ');
    if (epoch === undefined) return;
    this.#listener.published(channel, publication, { epoch, offset: Number(offset), previous: Number(previous) });
  }
}
