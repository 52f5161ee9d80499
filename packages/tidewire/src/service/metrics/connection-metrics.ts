import type { Disconnect } from '@tidewire/hub';
import type { Registry } from 'prom-client';
import { addGauge, type Cell, Counts, DurationFamily, type Durations } from './families.ts';
import { ByValue, endLabel, outcomeLabel } from './labels.ts';

/** Seconds that connections last: from one second to a day. */
const lifetimes = [1, 10, 60, 300, 1800, 3600, 6 * 3600, 24 * 3600];

/** Codes of a command whose numbers are found at once. */
const MOST_OUTCOMES = 50;

interface Transport {
  open: number;
  readonly label: string;
  readonly opened: Cell;
  readonly lifetime: Durations;
}

interface Command {
  readonly duration: Durations;
  readonly outcomes: Map<number, Cell>;
  readonly label: string;
}

/** The clients of the hub, and what they ask for. */
export class ConnectionMetrics {
  readonly #transports: ByValue<Transport>;
  readonly #commands: ByValue<Command>;
  readonly #closed: Counts<'transport' | 'code'>;
  readonly #done: Counts<'command' | 'outcome'>;
  readonly #opened: Counts<'transport'>;
  readonly #durations: DurationFamily<'command'>;

  constructor(registry: Registry) {
    const all: Transport[] = [];
    addGauge(registry, 'tidewire_connections', 'Clients of the hub on this node.', ['transport'], () =>
      all.map(({ label, open }) => [{ transport: label }, open] as const),
    );
    const opened = new Counts(registry, 'tidewire_connections_opened_total', 'Clients that were admitted.', [
      'transport',
    ]);
    this.#opened = opened;
    this.#closed = new Counts(registry, 'tidewire_connections_closed_total', 'Clients that have gone, by code.', [
      'transport',
      'code',
    ]);
    const lifetime = new DurationFamily(
      registry,
      'tidewire_connection_lifetime_seconds',
      'How long the clients that have gone were there.',
      ['transport'],
      lifetimes,
    );
    this.#transports = new ByValue((transport) => {
      const labels = { transport };
      const made = { open: 0, label: transport, opened: opened.at(labels), lifetime: lifetime.at(labels) };
      all.push(made);
      return made;
    });
    this.#done = new Counts(registry, 'tidewire_commands_total', 'Commands of clients, by what became of them.', [
      'command',
      'outcome',
    ]);
    const duration = new DurationFamily(
      registry,
      'tidewire_command_duration_seconds',
      'From a command to its answer.',
      ['command'],
    );
    this.#durations = duration;
    this.#commands = new ByValue((command) => ({
      duration: duration.at({ command }),
      outcomes: new Map(),
      label: command,
    }));
  }

  figures() {
    const commands = this.#done.sum();
    return {
      totals: {
        opened: this.#opened.sum(),
        closed: this.#closed.sum(),
        commands,
        commandsFailed: commands - this.#done.sum(({ outcome }) => outcome === 'ok'),
      },
      command: this.#durations.together(),
    };
  }

  connected(name: string): void {
    const transport = this.#transports.of(name);
    transport.open++;
    transport.opened.value++;
  }

  disconnected(name: string, { code }: Disconnect, duration: number): void {
    const transport = this.#transports.of(name);
    transport.open--;
    transport.lifetime.add(duration);
    this.#closed.at({ transport: transport.label, code: endLabel(code) }).value++;
  }

  commandDone(name: string, outcome: number, duration: number): void {
    const command = this.#commands.of(name);
    command.duration.add(duration);
    (command.outcomes.get(outcome) ?? this.#begin(command, outcome)).value++;
  }

  #begin({ label, outcomes }: Command, outcome: number): Cell {
    const cell = this.#done.at({ command: label, outcome: outcomeLabel(outcome) });
    // There can be as many codes as hooks like to throw.
    if (outcomes.size < MOST_OUTCOMES) outcomes.set(outcome, cell);
    return cell;
  }
}
