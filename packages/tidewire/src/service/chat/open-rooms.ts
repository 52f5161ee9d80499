import { checkRoom, standingRooms } from '@tidewire/console/chat-messages';
import { CommandError } from '@tidewire/hub';

/** What a client is told whose room cannot be opened. */
export const roomErrors = { BAD_NAME: 1001, TOO_MANY: 1002 } as const;

/**
 * The rooms that people have opened on this node, so that what they keep has a bound. A room is forgotten when nobody has come
 * or said anything for as long as rooms keep what was said.
 */
export class OpenRooms {
  readonly #max: number;
  readonly #ttl: number;
  /** When each was used last; in that order. */
  readonly #used = new Map<string, number>();

  /**
   * @param ttl milliseconds
   * @throws RangeError if `max` makes no sense
   */
  constructor(max: number, ttl: number) {
    if (!(max >= 0)) throw new RangeError(`The option maxRooms must be a number of 0 or more, not ${max}`);
    this.#max = max;
    this.#ttl = ttl;
  }

  /**
   * Opens the room if it is not open.
   * @throws CommandError if there can be no such room, or no more of them
   */
  use(room: string): void {
    if (standingRooms.includes(room)) return;
    const name = checkRoom(room);
    if (!name.ok || name.value !== room)
      throw new CommandError(roomErrors.BAD_NAME, name.ok ? `The room is called ${name.value}` : name.error);
    const now = performance.now();
    const isOpen = this.#used.delete(room);
    if (!isOpen) this.#makeRoom(now);
    this.#used.set(room, now);
  }

  #makeRoom(now: number): void {
    for (const [room, at] of this.#used) {
      if (now - at < this.#ttl) break;
      this.#used.delete(room);
    }
    if (this.#used.size < this.#max) return;
    throw new CommandError(roomErrors.TOO_MANY, `${this.#max} rooms are open, and there can be no more`);
  }
}
