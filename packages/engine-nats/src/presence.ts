// Whether this node's seat is in a set, by how many of its members are. Only the first that comes and the last that goes change the
// set; changes are made one after the other.

export class Presence {
  readonly #add: () => Promise<boolean>;
  readonly #remove: () => Promise<boolean>;
  #count = 0;
  #isIn: boolean | 'unknown' = false;
  #lane: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** Both say whether no other seat is in the set. */
  constructor(add: () => Promise<boolean>, remove: () => Promise<boolean>) {
    this.#add = add;
    this.#remove = remove;
  }

  get isUnused(): boolean {
    return this.#count === 0 && this.#isIn === false && this.#waiting === 0;
  }

  /** @returns whether it is the first of all nodes */
  async acquire(): Promise<boolean> {
    this.#count++;
    if (this.#isIn === true && this.#waiting === 0) return false;
    try {
      return await this.#inTurn(() => this.#enter());
    } catch (error) {
      this.#count--;
      throw error;
    }
  }

  /** @returns whether it was the last of all nodes */
  async release(): Promise<boolean> {
    this.#count--;
    if (this.#count > 0 && this.#waiting === 0) return false;
    try {
      return await this.#inTurn(() => this.#leave());
    } catch (error) {
      this.#count++;
      throw error;
    }
  }

  /** Makes true what an operation that has failed has left open. */
  settle(): Promise<boolean> {
    return this.#inTurn(() => (this.#count > 0 ? this.#enter() : this.#leave()));
  }

  /** The seat is another one, which is in no set. */
  move(): Promise<boolean> {
    return this.#inTurn(() => {
      // What was under way till now was done for the seat before.
      this.#isIn = false;
      return this.#count > 0 ? this.#enter() : this.#leave();
    });
  }

  async #enter(): Promise<boolean> {
    if (this.#isIn === true) return false;
    this.#isIn = 'unknown';
    const isFirst = await this.#add();
    this.#isIn = true;
    return isFirst;
  }

  async #leave(): Promise<boolean> {
    if (this.#count > 0 || this.#isIn === false) return false;
    this.#isIn = 'unknown';
    const isLast = await this.#remove();
    this.#isIn = false;
    return isLast;
  }

  async #inTurn(work: () => Promise<boolean>): Promise<boolean> {
    this.#waiting++;
    const turn = this.#lane.then(work, work);
    this.#lane = turn.catch(() => {});
    try {
      return await turn;
    } finally {
      this.#waiting--;
    }
  }
}
