import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { CloseEvent, ErrorEvent, OpenEvent, PongEvent, RefusedEvent } from '@tidewire/server';
import type { Registry } from 'prom-client';
import type { ServiceServer } from '../listening.ts';
import { addCounter, addGauge, Counts } from './families.ts';
import { ByValue, closeLabel } from './labels.ts';

// What the endpoints of a service report on the server's diagnostics channels, and what its sockets have carried.

/** An endpoint, as it is asked for the number of its sockets. */
export interface Counted {
  readonly connectionCount: number;
}

/** Counts what happens on WebSocket endpoints. */
export class EndpointMetrics {
  readonly #names = new Map<unknown, string>();
  readonly #reasons = new ByValue((reason) => reason);
  readonly #opened: Counts<'endpoint'>;
  readonly #closed: Counts<'endpoint' | 'code'>;
  readonly #refused: Counts<'endpoint' | 'reason'>;
  readonly #errors: Counts<'endpoint'>;
  readonly #answered: (roundTrip: number) => void;
  readonly #listeners: Readonly<Record<string, (event: unknown) => void>>;

  /**
   * @param endpoints by the names that their labels get
   * @param answered is told the round trips of the heartbeat, in milliseconds
   */
  constructor(registry: Registry, endpoints: ReadonlyMap<string, Counted>, answered: (roundTrip: number) => void) {
    for (const [name, endpoint] of endpoints) this.#names.set(endpoint, name);
    addGauge(registry, 'tidewire_websockets', 'WebSockets that are open, or closing.', ['endpoint'], () =>
      [...endpoints].map(([endpoint, { connectionCount }]) => [{ endpoint }, connectionCount] as const),
    );
    this.#opened = new Counts(registry, 'tidewire_websockets_opened_total', 'WebSockets that were opened.', [
      'endpoint',
    ]);
    this.#closed = new Counts(
      registry,
      'tidewire_websockets_closed_total',
      'WebSockets that are gone, by close code.',
      ['endpoint', 'code'],
    );
    this.#refused = new Counts(registry, 'tidewire_handshakes_refused_total', 'Opening handshakes that were refused.', [
      'endpoint',
      'reason',
    ]);
    this.#errors = new Counts(registry, 'tidewire_handler_errors_total', 'Errors that a handler has thrown.', [
      'endpoint',
    ]);
    this.#answered = answered;
    this.#listeners = {
      'tidewire:server:open': (event) => this.#onOpen(event as OpenEvent),
      'tidewire:server:close': (event) => this.#onClose(event as CloseEvent),
      'tidewire:server:pong': (event) => this.#onPong(event as PongEvent),
      'tidewire:server:refused': (event) => this.#onRefused(event as RefusedEvent),
      'tidewire:server:error': (event) => this.#onError(event as ErrorEvent),
    };
    for (const [name, listener] of Object.entries(this.#listeners)) subscribe(name, listener);
  }

  figures(): { readonly refused: number; readonly errors: number } {
    return { refused: this.#refused.sum(), errors: this.#errors.sum() };
  }

  stop(): void {
    for (const [name, listener] of Object.entries(this.#listeners)) unsubscribe(name, listener);
  }

  #onOpen({ endpoint }: OpenEvent): void {
    const name = this.#names.get(endpoint);
    if (name !== undefined) this.#opened.at({ endpoint: name }).value++;
  }

  #onClose({ endpoint, code }: CloseEvent): void {
    const name = this.#names.get(endpoint);
    if (name !== undefined) this.#closed.at({ endpoint: name, code: closeLabel(code) }).value++;
  }

  #onPong({ endpoint, roundTrip }: PongEvent): void {
    if (this.#names.has(endpoint)) this.#answered(roundTrip);
  }

  #onRefused({ endpoint, reason }: RefusedEvent): void {
    const name = endpoint === undefined ? '(none)' : this.#names.get(endpoint);
    if (name !== undefined) this.#refused.at({ endpoint: name, reason: this.#reasons.of(reason) }).value++;
  }

  #onError({ endpoint }: ErrorEvent): void {
    const name = this.#names.get(endpoint);
    if (name !== undefined) this.#errors.at({ endpoint: name }).value++;
  }
}

/** Counts the connections of a server, and the bytes on them: plain requests and WebSockets, TLS not included. */
export class NetworkMetrics {
  readonly #sockets = new Set<Socket>();
  /** Of the connections that are gone. */
  #received = 0;
  #sent = 0;

  constructor(registry: Registry) {
    addGauge(registry, 'tidewire_network_connections', 'TCP connections.', [], () => [[{}, this.#sockets.size]]);
    addGauge(registry, 'tidewire_network_unsent_bytes', 'Bytes that wait for peers to take them.', [], () => [
      [{}, this.#unsent],
    ]);
    addCounter(registry, 'tidewire_network_received_bytes_total', 'Bytes received on all connections.', () => {
      return this.#allReceived;
    });
    addCounter(registry, 'tidewire_network_sent_bytes_total', 'Bytes sent on all connections.', () => {
      return this.#allSent;
    });
  }

  figures() {
    return {
      network: { connections: this.#sockets.size, unsent: this.#unsent },
      totals: { received: this.#allReceived, sent: this.#allSent },
    };
  }

  get #unsent(): number {
    return this.#sum(({ writableLength }) => writableLength);
  }

  get #allReceived(): number {
    return this.#received + this.#sum(({ bytesRead }) => bytesRead);
  }

  get #allSent(): number {
    return this.#sent + this.#sum(({ bytesWritten }) => bytesWritten);
  }

  #sum(read: (socket: Socket) => number): number {
    let sum = 0;
    for (const socket of this.#sockets) sum += read(socket);
    return sum;
  }

  /** To be called before the server listens. */
  watch(server: ServiceServer): void {
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => {
        this.#sockets.delete(socket);
        this.#received += socket.bytesRead;
        this.#sent += socket.bytesWritten;
      });
    });
  }
}
