import type { Registry } from 'prom-client';
import { Counts, DurationFamily } from './families.ts';

/** What is asked of the server API. */
export class ApiMetrics {
  readonly #requests: Counts<'operation' | 'status'>;
  readonly #durations: DurationFamily<'operation'>;

  constructor(registry: Registry) {
    this.#requests = new Counts(registry, 'tidewire_api_requests_total', 'Requests of the server API, by status.', [
      'operation',
      'status',
    ]);
    this.#durations = new DurationFamily(
      registry,
      'tidewire_api_request_duration_seconds',
      'From a request of the server API to its answer.',
      ['operation'],
    );
  }

  /**
   * @param operation one of the API's own, or `other`
   * @param duration milliseconds
   */
  answered(operation: string, status: number, duration: number): void {
    this.#requests.at({ operation, status: String(status) }).value++;
    this.#durations.at({ operation }).add(duration);
  }
}
