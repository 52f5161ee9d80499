import type { Registry } from 'prom-client';
import { addCounter, addGauge, type Cell, Counts, DurationFamily, type Durations } from './families.ts';
import { ByValue } from './labels.ts';

/** How the engine does. */
export class EngineMetrics {
  readonly #operations: ByValue<{ readonly durations: Durations; readonly failed: Cell }>;
  readonly #durations: DurationFamily<'operation'>;
  readonly #failed: Counts<'operation'>;
  #interruptions = 0;
  /** Milliseconds, without the interruption that lasts. */
  #interruptedFor = 0;
  #interruptedAt: number | undefined;
  readonly #publications: Cell;
  readonly #positions: Cell;

  constructor(registry: Registry) {
    const durations = new DurationFamily(
      registry,
      'tidewire_engine_operation_duration_seconds',
      'How long the engine took to answer, also where it failed.',
      ['operation'],
    );
    const failed = new Counts(
      registry,
      'tidewire_engine_operations_failed_total',
      'Operations of the engine that failed.',
      ['operation'],
    );
    this.#durations = durations;
    this.#failed = failed;
    this.#operations = new ByValue((operation) => ({
      durations: durations.at({ operation }),
      failed: failed.at({ operation }),
    }));
    const dropped = new Counts(
      registry,
      'tidewire_history_dropped_total',
      'Publications, and positions of channels, that were dropped before their time because histories take too much.',
      ['what'],
    );
    this.#publications = dropped.at({ what: 'publications' });
    this.#positions = dropped.at({ what: 'positions' });
    addGauge(registry, 'tidewire_engine_up', '1 while the engine serves, 0 while it is interrupted.', [], () => [
      [{}, this.#interruptedAt === undefined ? 1 : 0],
    ]);
    addCounter(registry, 'tidewire_engine_interruptions_total', 'Times that the engine was interrupted.', () => {
      return this.#interruptions;
    });
    addCounter(registry, 'tidewire_engine_interrupted_seconds_total', 'For how long it was, in all.', () => {
      const now = this.#interruptedAt === undefined ? 0 : performance.now() - this.#interruptedAt;
      return (this.#interruptedFor + now) / 1000;
    });
  }

  figures() {
    return {
      isUp: this.#interruptedAt === undefined,
      totals: { engineFailed: this.#failed.sum(), interruptions: this.#interruptions },
      // A request waits for what another node does.
      engine: this.#durations.together(({ operation }) => operation !== 'request'),
    };
  }

  measured(operation: string, duration: number, isOk: boolean): void {
    const { durations, failed } = this.#operations.of(operation);
    durations.add(duration);
    if (!isOk) failed.value++;
  }

  interrupted(): void {
    if (this.#interruptedAt !== undefined) return;
    this.#interruptions++;
    this.#interruptedAt = performance.now();
  }

  shortened(publications: number, positions: number): void {
    this.#publications.value += publications;
    this.#positions.value += positions;
  }

  resumed(): void {
    if (this.#interruptedAt === undefined) return;
    this.#interruptedFor += performance.now() - this.#interruptedAt;
    this.#interruptedAt = undefined;
  }
}
