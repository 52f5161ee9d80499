import type { Duplex } from 'node:stream';
import { wallClock } from './clock.ts';
import { agreementOf } from './negotiation.ts';
import { Recorder, type RecorderOptions } from './recorder.ts';
import type { ConnectionRecord, HeaderPairs } from './recording/index.ts';
import { Rules } from './rules.ts';
import { TappedConnection } from './tapped-connection.ts';

// What sees and changes connections: where they are recorded, the rules for their messages, and those that are there at present.

/** How a connection was asked for. */
export interface Opening {
  /** Where the client wanted to go: ws: or wss:. */
  readonly url: string;
  /** Who carries it. */
  readonly source: string;
  /** The client's address, if it is known. */
  readonly from?: string | undefined;
  readonly request: { readonly method: string; readonly httpVersion: string; readonly headers: HeaderPairs };
}

/** What the server answered. */
export interface OpeningResponse {
  readonly status: number;
  readonly headers: HeaderPairs;
}

/** The two streams of a connection, behind the opening handshake. */
export interface Ends {
  readonly client: Duplex;
  readonly server: Duplex;
  /** What had been read from them already. */
  readonly fromClient?: Uint8Array | undefined;
  readonly fromServer?: Uint8Array | undefined;
}

const NOTHING = new Uint8Array(0);

export class Inspector {
  readonly recorder: Recorder;
  readonly rules = new Rules();
  readonly #live = new Map<number, TappedConnection>();

  /** @throws RangeError naming the option that makes no sense */
  constructor(options: RecorderOptions = {}) {
    this.recorder = new Recorder(options);
  }

  /** Those that are open, by their numbers. */
  get live(): ReadonlyMap<number, TappedConnection> {
    return this.#live;
  }

  /**
   * A client has asked for a connection. Returns its record, or `undefined` while nothing is recorded: it is then not to be told of
   * any more. Call `opened` next, or `failed`.
   */
  asked({ from, ...opening }: Opening): ConnectionRecord | undefined {
    if (!this.recorder.isRecording) return undefined;
    const record = { openedAt: wallClock(), ...opening, subprotocol: '', extensions: '' };
    return this.recorder.open(from === undefined ? record : { ...record, from });
  }

  /** It is open: carries it, from here on to its end. Returns what it can be controlled by. */
  opened(record: ConnectionRecord, response: OpeningResponse, ends: Ends): TappedConnection {
    const { id, request } = record;
    const agreement = agreementOf(request.headers, response.headers);
    const { subprotocol, extensions } = agreement;
    this.recorder.update(id, { response, subprotocol, extensions });
    const { client, server, fromClient = NOTHING, fromServer = NOTHING } = ends;
    const { recorder, rules } = this;
    const gone = () => void this.#live.delete(id);
    const connection = new TappedConnection({ recorder, rules, id, agreement, client, server, gone });
    this.#live.set(id, connection);
    connection.start(fromClient, fromServer);
    return connection;
  }

  /** It did not come to be. */
  failed(record: ConnectionRecord, by: 'client' | 'server', error: string, response?: OpeningResponse): void {
    if (response !== undefined) this.recorder.update(record.id, { response });
    this.recorder.close(record.id, { at: wallClock(), code: 1006, reason: '', wasClean: false, by, error });
  }
}
