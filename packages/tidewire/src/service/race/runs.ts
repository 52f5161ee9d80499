import { randomBytes } from 'node:crypto';
import { Run } from './run.ts';

/** Runs at the same time. */
const MOST = 50;
/** Of them those from one address: a few windows, or a few people behind the same proxy. */
const MOST_OF_ADDRESS = 8;

/** The runs under way, by the id that their pages know. */
export class Runs {
  readonly #runs = new Map<string, Run>();
  readonly #ofAddress = new Map<string, number>();

  /** A new run, or `undefined` if there are too many. To be ended with `end`. */
  begin(address: string): Run | undefined {
    const count = this.#ofAddress.get(address) ?? 0;
    if (this.#runs.size >= MOST || count >= MOST_OF_ADDRESS) return undefined;
    const run = new Run(randomBytes(18).toString('base64url'));
    this.#runs.set(run.id, run);
    this.#ofAddress.set(address, count + 1);
    return run;
  }

  find(id: string | null): Run | undefined {
    return id === null ? undefined : this.#runs.get(id);
  }

  end(run: Run, address: string): void {
    if (!this.#runs.delete(run.id)) return;
    run.end();
    const left = (this.#ofAddress.get(address) ?? 1) - 1;
    if (left === 0) this.#ofAddress.delete(address);
    else this.#ofAddress.set(address, left);
  }
}
