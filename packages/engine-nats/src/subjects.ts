import { EngineError } from '@tidewire/hub';

// How names become subjects. A channel's segments, between its colons, are the tokens of its subject, so that a prefix of channels
// is a wildcard of NATS. Letters and digits of ASCII, `-` and `_` stand for themselves; everything else is written as its code
// unit, `=002E`, and the empty segment as `=`.

/** A line of the protocol may have 4096 bytes, and holds a subject to reply to as well. */
const MAX_SUBJECT = 2000;

/** @throws EngineError `TOO_LARGE` */
export function encodeChannel(channel: string): string {
  const subject = encodeSegments(channel.split(':'));
  if (subject.length > MAX_SUBJECT)
    throw new EngineError(
      'TOO_LARGE',
      `A channel's name may have ${MAX_SUBJECT} bytes on NATS, and 5 for a letter beyond ASCII`,
    );
  return subject;
}

/** @param prefix ends with a colon */
export function encodePrefix(prefix: string): string {
  return `${encodeChannel(prefix.slice(0, -1))}.>`;
}

/** `undefined` if no channel has this subject: others may write to the same server. */
export function decodeChannel(subject: string): string | undefined {
  const segments: string[] = [];
  for (const token of subject.split('.')) {
    const segment = decodeToken(token);
    if (segment === undefined) return undefined;
    segments.push(segment);
  }
  return segments.join(':');
}

/** One token, whatever the name contains. */
export function encodeToken(name: string): string {
  if (name === '') return '=';
  return name.replace(/[^A-Za-z0-9_-]/g, (unit) => {
    return `=${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
  });
}

export function decodeToken(token: string): string | undefined {
  if (token === '=') return '';
  const name = token.replace(/=([0-9A-F]{4})/g, (_all, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  return encodeToken(name) === token ? name : undefined;
}

function encodeSegments(segments: readonly string[]): string {
  return segments.map(encodeToken).join('.');
}

/** The names of everything that the engines of one prefix share. */
export class Subjects {
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** What is told to nodes about a channel. */
  events(encodedChannel: string): string {
    return `${this.#prefix}.e.${encodedChannel}`;
  }

  /** The channel part of a subject of events. */
  channelOf(eventSubject: string): string {
    return eventSubject.slice(this.#prefix.length + 3);
  }

  historyStream(retention: string): string {
    return `${this.#prefix}-history-${retention}`;
  }

  /** Begins the subjects of a stream of publications, which end with the channel. @param id names the stream's incarnation */
  history(retention: string, id: string): string {
    return `${this.#prefix}.h.${encodeToken(retention)}.${id}`;
  }

  get leaseStream(): string {
    return `${this.#prefix}-leases`;
  }

  get leases(): string {
    return `${this.#prefix}.l`;
  }

  get memberStream(): string {
    return `${this.#prefix}-members`;
  }

  get members(): string {
    return `${this.#prefix}.m`;
  }

  get keyStream(): string {
    return `${this.#prefix}-keys`;
  }

  get keys(): string {
    return `${this.#prefix}.k`;
  }

  get beats(): string {
    return `${this.#prefix}.b`;
  }

  /** Where nodes say at which server they are. */
  get greetings(): string {
    return `${this.#prefix}.g`;
  }

  /** Where one of the nodes at a server answers for it. */
  server(id: string): string {
    return `${this.#prefix}.v.${encodeToken(id)}`;
  }

  /** Where a node takes requests. */
  requests(node: string): string {
    return `${this.#prefix}.q.${encodeToken(node)}`;
  }

  /** Where a seat tells who its members are. */
  memberRequests(seat: string): string {
    return `${this.#prefix}.s.${seat}`;
  }
}
