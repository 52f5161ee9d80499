import {
  RecordReader,
  refusalBody,
  resolveTunnelParameters,
  type TunnelClientOptions,
  type TunnelClientOwner,
  TunnelClientSession,
  type TunnelParameters,
  type TunnelRecord,
  type TunnelRefusalCode,
  type TunnelRequest,
  tunnelRefusals,
} from '@tidewire/tunnel';
import { body, Clock, done, KEY, Owner } from './support.ts';

export const hello: TunnelRecord = { type: 'HELLO', version: 1 };
export const proof: TunnelRecord = { type: 'PROOF' };

/** A request that the session made, taken apart. */
export class Made {
  readonly id: number;
  readonly mode: string;
  readonly isLast: boolean;
  readonly records: readonly TunnelRecord[];

  constructor({ id, mode, body, isLast }: TunnelRequest) {
    const reader = new RecordReader();
    this.id = id;
    this.mode = mode;
    this.isLast = isLast;
    this.records = reader.push(body);
    if (!reader.isWhole) throw new Error('a request is not whole');
  }

  get types(): string[] {
    return this.records.map(({ type }) => type);
  }

  get data(): number[] {
    return this.records.flatMap((record) => (record.type === 'DATA' ? [...record.bytes] : []));
  }

  get number(): number | undefined {
    const [head] = this.records;
    return head?.type === 'HEAD' ? head.number : undefined;
  }
}

class ClientOwner extends Owner implements TunnelClientOwner {
  readonly made: Made[] = [];
  readonly aborted: number[] = [];

  request(request: TunnelRequest): void {
    this.made.push(new Made(request));
  }

  abort(id: number): void {
    this.aborted.push(id);
  }
}

/** A client's session whose requests the test answers. */
export class Client {
  readonly clock = new Clock();
  readonly owner = new ClientOwner();
  readonly session: TunnelClientSession;

  constructor(options: Partial<TunnelClientOptions> = {}, parameters: Partial<TunnelParameters> = {}) {
    const opened = { id: '00'.repeat(16), key: KEY, subprotocol: '', parameters: resolveTunnelParameters(parameters) };
    this.session = new TunnelClientSession(opened, { platform: this.clock.platform, ...options }, this.owner);
    this.session.start();
  }

  /** The request that was made last. */
  get last(): Made {
    const last = this.owner.made.at(-1);
    if (last === undefined) throw new Error('no request was made');
    return last;
  }

  /** Modes of the requests made since the last time. */
  take(): string[] {
    return this.owner.made
      .splice(0, this.owner.made.length - 1)
      .concat(this.last)
      .map(({ mode }) => mode);
  }

  brings(made: Made, ...records: TunnelRecord[]): void {
    this.session.received(made.id, body(...records));
  }

  /** A whole answer. */
  answers(made: Made, ...records: TunnelRecord[]): void {
    this.brings(made, hello, ...records, done);
    this.session.completed(made.id);
  }

  refuses(made: Made, code: TunnelRefusalCode): void {
    this.session.refused(made.id, tunnelRefusals[code].status, refusalBody(code));
  }

  /** A client that streams, and the request by which it does. */
  static streaming(options: Partial<TunnelClientOptions> = {}, parameters: Partial<TunnelParameters> = {}) {
    const client = new Client(options, parameters);
    const stream = client.last;
    client.brings(stream, hello, { type: 'ACK', received: 0, limit: 262_144 }, proof);
    return { client, stream };
  }

  /** Lets time pass, with a tick whenever one was asked for. */
  pass(time: number): void {
    const until = this.clock.time + time;
    while (this.owner.due <= until) {
      this.clock.time = Math.max(this.clock.time, this.owner.due);
      this.owner.due = Number.POSITIVE_INFINITY;
      this.session.tick();
    }
    this.clock.time = until;
  }
}
