import type { Connection } from './connection.ts';
import type { Inflater } from './platform.ts';
import { Receiver, type ReceiverSink } from './receiver.ts';
import { type Compression, Sender } from './sender.ts';
import type { ConnectionSettings } from './settings.ts';

// What reads and what writes belong to a connection only while a message is under way. Between messages they are here,
// for the next connection that needs one: an idle connection is 400 bytes smaller for it.

/** More output than this is seldom under way at a time; what is more is left to the garbage collector. */
const MAX_SENDERS = 64;

/** For the connections of one `ConnectionSettings`. */
export class Lending {
  readonly #settings: ConnectionSettings;
  /** One is enough: a chunk is read to its end before the next is. */
  #receiver: Receiver<Connection> | undefined;
  readonly #senders: Sender[] = [];

  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
  }

  /** A receiver between messages. It is to be given back, or forgotten, when it is between messages again. */
  receiver(sink: ReceiverSink<Connection>, owner: Connection, inflater: Inflater | undefined): Receiver<Connection> {
    const receiver = this.#receiver ?? new Receiver(this.#settings, sink, owner);
    this.#receiver = undefined;
    receiver.owner = owner;
    receiver.inflater = inflater;
    return receiver;
  }

  takeReceiver(receiver: Receiver<Connection>): void {
    this.#receiver = receiver;
  }

  /** A sender without output. */
  sender(compression: Compression | undefined): Sender {
    const sender = this.#senders.pop() ?? new Sender(this.#settings);
    sender.compression = compression;
    return sender;
  }

  takeSender(sender: Sender): void {
    sender.onOutput = undefined;
    if (this.#senders.length < MAX_SENDERS) this.#senders.push(sender);
  }
}
