import type { Disconnect } from '@tidewire/hub';
import type { Registry } from 'prom-client';
import { addGauge, Counts, DurationFamily } from './families.ts';
import { endLabel, FirstValues, outcomeLabel } from './labels.ts';

/** Seconds that connections last: from one second to a day. */
const lifetimes = [1, 10, 60, 300, 1800, 3600, 6 * 3600, 24 * 3600];

/** The clients of the hub, and what they ask for. */
export class ConnectionMetrics {
  readonly #transports = new FirstValues();
  readonly #commands = new FirstValues();
  readonly #open = new Map<string, number>();
  readonly #opened: Counts<'transport'>;
  readonly #closed: Counts<'transport' | 'code'>;
  readonly #lifetime: DurationFamily<'transport'>;
  readonly #done: Counts<'command' | 'outcome'>;
  readonly #duration: DurationFamily<'command'>;

  constructor(registry: Registry) {
    addGauge(registry, 'tidewire_connections', 'Clients of the hub on this node.', ['transport'], () =>
      [...this.#open].map(([transport, count]) => [{ transport }, count] as const),
    );
    this.#opened = new Counts(registry, 'tidewire_connections_opened_total', 'Clients that were admitted.', [
      'transport',
    ]);
    this.#closed = new Counts(registry, 'tidewire_connections_closed_total', 'Clients that have gone, by code.', [
      'transport',
      'code',
    ]);
    this.#lifetime = new DurationFamily(
      registry,
      'tidewire_connection_lifetime_seconds',
      'How long the clients that have gone were there.',
      ['transport'],
      lifetimes,
    );
    this.#done = new Counts(registry, 'tidewire_commands_total', 'Commands of clients, by what became of them.', [
      'command',
      'outcome',
    ]);
    this.#duration = new DurationFamily(
      registry,
      'tidewire_command_duration_seconds',
      'From a command to its answer.',
      ['command'],
    );
  }

  connected(name: string): void {
    const transport = this.#transports.label(name);
    this.#open.set(transport, (this.#open.get(transport) ?? 0) + 1);
    this.#opened.at({ transport }).value++;
  }

  disconnected(name: string, { code }: Disconnect, duration: number): void {
    const transport = this.#transports.label(name);
    this.#open.set(transport, (this.#open.get(transport) ?? 0) - 1);
    this.#closed.at({ transport, code: endLabel(code) }).value++;
    this.#lifetime.at({ transport }).add(duration);
  }

  commandDone(name: string, outcome: number, duration: number): void {
    const command = this.#commands.label(name);
    this.#done.at({ command, outcome: outcomeLabel(outcome) }).value++;
    this.#duration.at({ command }).add(duration);
  }
}
