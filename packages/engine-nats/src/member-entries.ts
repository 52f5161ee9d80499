import { type ClientInfo, decodeClientInfo, EngineError, encodeClientInfo } from '@tidewire/hub';
import type { Link } from './link.ts';
import type { Message, Reader } from './reader.ts';
import { encodeChannel, encodeToken, type Subjects } from './subjects.ts';

// What the servers keep of members: an entry for each, under the seat of its node, and the sets of seats of a channel and of a user
// in it. Entries are for when the node has died; as long as it lives, it is asked.

const MAX_SUBJECT = 3000;
const encoder = new TextEncoder();

export interface Entry {
  readonly channel: string;
  readonly info: ClientInfo;
  readonly sequence: number;
}

export class MemberEntries {
  readonly stream: string;
  readonly #link: Link;
  readonly #reader: Reader;
  readonly #base: string;

  constructor(link: Link, reader: Reader, subjects: Subjects) {
    this.#link = link;
    this.#reader = reader;
    this.stream = subjects.memberStream;
    this.#base = subjects.members;
  }

  channelSet(channel: string): string {
    return `${this.#base}.c.${encodeChannel(channel)}`;
  }

  userSet(channel: string, user: string): string {
    return checked(`${this.#base}.u.${encodeChannel(channel)}.${encodeToken(user)}`);
  }

  seatRecord(seat: string): string {
    return `${this.#base}.r.${seat}`;
  }

  /** @returns the sequence */
  async put(seat: string, channel: string, info: ClientInfo): Promise<number> {
    const subject = checked(`${this.#of(seat, channel)}.${encodeToken(info.client)}`);
    const payload = encoder.encode(`${JSON.stringify(channel)}\n${encodeClientInfo(info)}`);
    this.#link.checkSize(payload);
    const ack = await this.#link.retried((timeout) => this.#link.js.publish(subject, payload, { timeout }));
    return ack.seq;
  }

  async remove(sequence: number): Promise<void> {
    await this.#link.retried(async () => {
      // One that is not there any more is an error for the server, and none for us.
      await this.#link.jsm.streams.deleteMessage(this.stream, sequence, false).catch((error: unknown) => {
        if (!(error instanceof Error && 'code' in error)) throw error;
      });
    });
  }

  async ofSeat(seat: string): Promise<Entry[]> {
    return this.#read(`${this.#base}.e.${seat}.>`);
  }

  async ofSeatIn(seat: string, channel: string): Promise<Entry[]> {
    return this.#read(`${this.#of(seat, channel)}.*`);
  }

  /** The name of the node whose seat it is; empty if that is not known any more. */
  async nodeOf(seat: string): Promise<string> {
    const message = await this.#link.retried(() => this.#reader.last(this.stream, this.seatRecord(seat)));
    const [node = ''] = message === undefined ? [] : Buffer.from(message.data).toString().split(' ');
    return Buffer.from(node, 'base64url').toString();
  }

  #of(seat: string, channel: string): string {
    return `${this.#base}.e.${seat}.${encodeChannel(channel)}`;
  }

  async #read(subject: string): Promise<Entry[]> {
    const messages = await this.#link.retried(() => this.#reader.all(this.stream, subject));
    return messages.flatMap((message) => entryOf(message) ?? []);
  }
}

function entryOf({ data, sequence }: Message): Entry | undefined {
  const text = Buffer.from(data).toString();
  const end = text.indexOf('\n');
  const info = decodeClientInfo(text.slice(end + 1));
  try {
    const channel: unknown = JSON.parse(text.slice(0, end));
    return typeof channel === 'string' && info !== undefined ? { channel, info, sequence } : undefined;
  } catch {
    return undefined;
  }
}

function checked(subject: string): string {
  if (subject.length > MAX_SUBJECT)
    throw new EngineError('TOO_LARGE', `Names of a channel and its member may have ${MAX_SUBJECT} bytes on NATS`);
  return subject;
}
