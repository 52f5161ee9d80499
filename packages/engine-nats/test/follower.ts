import {
  type Engine,
  EngineError,
  type EngineListener,
  type EventPosition,
  type Left,
  type Publication,
  type Retention,
} from '@tidewire/hub';

/** Follows a channel as a hub does: takes what is told, and looks into the history when something is missing, or may be. */
export class Follower implements EngineListener {
  readonly engine: Engine;
  readonly told: string[] = [];
  /** What it has, in its order. */
  readonly data: string[] = [];
  /** Whom it was told to have been taken out. */
  readonly expiries: string[] = [];
  epoch = '';
  #channel = '';
  #retention: Retention | undefined;
  #offset = 0;
  #work: Promise<void> = Promise.resolve();

  constructor(engine: Engine) {
    this.engine = engine;
  }

  async follow(channel: string, retention: Retention): Promise<void> {
    this.#channel = channel;
    this.#retention = retention;
    await this.engine.subscribe(channel);
    const { position } = await this.engine.history(channel, retention, { limit: 0 });
    this.epoch = position.epoch;
    this.#offset = position.offset;
  }

  published(_channel: string, publication: Publication, position: EventPosition | undefined): void {
    this.#then(async () => {
      if (position === undefined || (position.epoch === this.epoch && position.offset <= this.#offset)) return;
      if (position.epoch !== this.epoch || position.previous !== this.#offset) return this.#catchUp();
      this.#offset = position.offset;
      this.data.push(JSON.parse(publication.data));
    });
  }

  signalled(): void {}

  interrupted(reason: string): void {
    this.told.push(`interrupted: ${reason}`);
  }

  resumed(): void {
    this.told.push('resumed');
    this.#then(() => this.#catchUp());
  }

  expired(channel: string, left: readonly Left[]): void {
    for (const { member } of left) this.expiries.push(`${channel} ${member?.info.client}`);
  }

  requested(payload: string): Promise<string> {
    return Promise.resolve(payload);
  }

  describe(): string {
    return '{}';
  }

  #then(work: () => Promise<void>): void {
    this.#work = this.#work.then(work).catch((error) => {
      this.told.push(`failed: ${error}`);
    });
  }

  async #catchUp(): Promise<void> {
    if (this.#retention === undefined) return;
    const since = { epoch: this.epoch, offset: this.#offset };
    const { publications, position, isComplete } = await persistently(() =>
      this.engine.history(this.#channel, this.#retention ?? { name: '', size: 1, ttl: 1, positionTtl: 1 }, { since }),
    );
    if (!isComplete) this.told.push('incomplete');
    for (const { publication, offset } of publications) {
      this.#offset = offset;
      this.data.push(JSON.parse(publication.data));
    }
    this.epoch = position.epoch;
    this.#offset = position.offset;
  }
}

/** Does it again for as long as the servers do not answer. */
export async function persistently<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof EngineError) || error.code !== 'UNAVAILABLE' || attempt === 10) throw error;
    }
  }
}

export async function until(what: string, isSo: () => boolean, milliseconds = 30_000): Promise<void> {
  const end = performance.now() + milliseconds;
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`Not within ${milliseconds} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
