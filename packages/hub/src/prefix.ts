import type { EventPosition } from './engine.ts';
import type { Joining } from './joining.ts';
import type { Publication } from './publication.ts';
import { Room } from './room.ts';

/**
 * The subscribers of all channels with a prefix. They have no place in a stream: what was missed cannot be given to them,
 * but they are told that something was.
 */
export class Prefix extends Room {
  published(channel: string, publication: Publication, position: EventPosition | undefined): void {
    if (this.audience.size === 0) return;
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

  protected occupied(): void {}

  protected alarmed(): void {}
}
