import type { EventPosition } from './engine.ts';
import type { Joining } from './joining.ts';
import type { Publication, StreamPosition } from './publication.ts';
import { Room } from './room.ts';

/** Of so many channels is known what was told last; what was missed in others is noticed when the engine was interrupted. */
const MOST_KNOWN = 10_000;

/**
 * The subscribers of all channels with a prefix. They have no place in a stream: what was missed cannot be given to them,
 * but they are told that something was.
 */
export class Prefix extends Room {
  /** From the channel that was published to longest ago. */
  readonly #told = new Map<string, StreamPosition>();

  published(channel: string, publication: Publication, position: EventPosition | undefined): void {
    if (this.audience.size === 0) return;
    if (position !== undefined && !this.#isNext(channel, position)) return;
    const push = {
      type: 'publication',
      channel: this.name,
      publication,
      offset: position?.offset,
      publishedTo: channel,
    } as const;
    this.host.fanOut.gather(this.audience, push, publication.data.length);
  }

  resumed(): void {
    this.unsubscribeAll();
  }

  protected async prepare(): Promise<void> {}

  protected admit(joining: Joining): void {
    const recovery = joining.position === undefined ? 'none' : 'failed';
    this.begin(joining, { position: undefined, missed: [], recovery });
  }

  /** What was told while nobody listened is not known. */
  protected occupied(): void {
    this.#told.clear();
  }

  protected alarmed(): void {}

  /** @returns `false` for what was told before; subscribers come again if something is missing before it */
  #isNext(channel: string, { epoch, offset, previous }: EventPosition): boolean {
    const last = this.#told.get(channel);
    if (last?.epoch === epoch && offset <= last.offset) return false;
    this.#told.delete(channel);
    this.#told.set(channel, { epoch, offset });
    if (this.#told.size > MOST_KNOWN) this.#forgetSome();
    if (last === undefined || (last.epoch === epoch && last.offset === previous)) return true;
    this.host.observer.gapNoticed?.(this.namespace.name, 'resubscribed');
    this.unsubscribeAll();
    return this.audience.size > 0;
  }

  /** Many at a time, because to find the oldest of a map means to pass the holes that others have left. */
  #forgetSome(): void {
    let count = MOST_KNOWN / 10;
    for (const channel of this.#told.keys()) {
      this.#told.delete(channel);
      count--;
      if (count === 0) return;
    }
  }
}
