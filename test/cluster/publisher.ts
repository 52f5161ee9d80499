// Publishes to one room at a steady rate, over HTTP. Each publication has a sequence number, and is repeated with the same
// idempotency key until it is acknowledged; only then the next one comes. Who has fallen behind makes up for it.

export const API_KEY = 'a-key-for-the-publishers-of-the-test';

/** Milliseconds that a request may take before it is given up and repeated, elsewhere perhaps. */
const PATIENCE = 4000;
/** Milliseconds before it is repeated. */
const PAUSE = 100;

export interface Acknowledged {
  readonly offset: number;
  readonly epoch: string;
}

export class Publisher {
  readonly room: string;
  /** By sequence number, from 1. */
  readonly acknowledged: Acknowledged[] = [];
  repeated = 0;
  duplicates = 0;
  /** Milliseconds from the first try to the acknowledgement. */
  slowest = 0;
  /** Why it was repeated. */
  readonly reasons = new Map<string, number>();
  readonly #port: number;
  readonly #run: string;

  /** @param run tells the keys of this run from those of others */
  constructor(room: string, port: number, run: string) {
    this.room = room;
    this.#port = port;
    this.#run = run;
  }

  /** @param duration and interval in milliseconds */
  publish(duration: number, interval: number): Promise<void> {
    return this.publishWhile((sequence) => sequence * interval <= duration, interval);
  }

  /**
   * @param isOn is asked before each publication, with its sequence number
   * @param interval in milliseconds
   */
  async publishWhile(isOn: (sequence: number) => boolean, interval: number): Promise<void> {
    const begin = Date.now();
    for (let sequence = 1; isOn(sequence); sequence++) {
      const wait = begin + sequence * interval - Date.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      const first = Date.now();
      this.acknowledged.push(await this.#untilAcknowledged(sequence));
      this.slowest = Math.max(this.slowest, Date.now() - first);
    }
  }

  async #untilAcknowledged(sequence: number): Promise<Acknowledged> {
    for (;;) {
      try {
        return await this.#once(sequence);
      } catch (error) {
        this.repeated++;
        const reason = error instanceof Error ? error.message : String(error);
        this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
        await new Promise((resolve) => setTimeout(resolve, PAUSE));
      }
    }
  }

  async #once(sequence: number): Promise<Acknowledged> {
    const answer = await fetch(`http://127.0.0.1:${this.#port}/api/publish`, {
      method: 'POST',
      signal: AbortSignal.timeout(PATIENCE),
      headers: {
        authorization: `Bearer ${API_KEY}`,
        'content-type': 'application/json',
        'idempotency-key': `${this.#run}-${this.room}-${sequence}`,
      },
      body: JSON.stringify({ channel: this.room, data: { sequence, text: 'x'.repeat(80) } }),
    });
    const body: { position?: Acknowledged; isDuplicate?: boolean; type?: string } = JSON.parse(await answer.text());
    if (!answer.ok || body.position === undefined) throw new Error(`${answer.status} ${body.type ?? ''}`);
    if (body.isDuplicate) this.duplicates++;
    return body.position;
  }
}
