import { type Disconnect, disconnectCodes } from './codes.ts';
import type { HubContext } from './context.ts';
import { batchOf, EncodedPush, type Receiver } from './fan-out.ts';
import type { Namespace } from './namespace-table.ts';
import type { Outlet, OutletResult, Push } from './outlet.ts';
import { ClientQueue } from './slow-consumers.ts';

// How pushes come to one client, in their order. They go to its outlet while that keeps up. When too much waits there, they go
// to a queue, where the policies of the namespaces apply, and from there to the outlet once everything has left it.

/** So many bytes may wait in an outlet before a queue takes the rest. */
const HIGH_WATER = 256 * 1024;

export abstract class Delivery implements Receiver {
  readonly outlet: Outlet;
  protected readonly context: HubContext;
  /** Until the client has begun, what is for it waits. */
  isHeld = true;
  #isConnecting = true;
  #queue: ClientQueue | undefined;

  constructor(outlet: Outlet, context: HubContext) {
    this.outlet = outlet;
    this.context = context;
  }

  abstract get isClosed(): boolean;
  abstract disconnect(disconnect: Disconnect): void;

  /** Whether what is published waits for it, because its outlet has more than it gets rid of. */
  get isSlow(): boolean {
    return this.isHeld && !this.#isConnecting;
  }

  /** What waits for the outlet. */
  get waiting(): { readonly bytes: number; readonly messages: number } {
    return { bytes: this.#queue?.size ?? 0, messages: this.#queue?.count ?? 0 };
  }

  take(pushes: readonly EncodedPush[], namespace: Namespace): void {
    this.#queue ??= new ClientQueue();
    let dropped = 0;
    let conflated = 0;
    let isOverflowing = false;
    for (const encoded of pushes) {
      if (encoded.push.type !== 'publication') {
        this.#queue.add(encoded);
        continue;
      }
      const queued = this.#queue.addPublication(encoded, namespace);
      dropped += queued.dropped;
      conflated += queued.conflated;
      isOverflowing ||= queued.isOverflowing;
    }
    const { observer, limits } = this.context;
    if (!this.#isConnecting) observer.slowConsumer?.(namespace.name, 'queued', pushes.length);
    if (dropped > 0) observer.slowConsumer?.(namespace.name, 'dropped', dropped);
    if (conflated > 0) observer.slowConsumer?.(namespace.name, 'conflated', conflated);
    if (!isOverflowing && this.#queue.size <= limits.queueSize) return;
    observer.slowConsumer?.(namespace.name, 'disconnected', pushes.length);
    this.disconnect(disconnectCodes.SLOW);
  }

  noteUnwritten(result: OutletResult): void {
    if (result === 'buffered' && this.outlet.bufferedAmount > HIGH_WATER) this.isHeld = true;
  }

  /** Everything has left the process. */
  drained(): void {
    if (this.isHeld && !this.#isConnecting) this.#release();
  }

  /** To this client alone, behind everything that was published before. */
  protected push(push: Push): void {
    this.context.fanOut.flush();
    if (this.isClosed) return;
    const { encoder } = this.outlet;
    if (!this.isHeld) {
      this.noteUnwritten(this.outlet.write(batchOf(encoder, [push]), false));
      return;
    }
    this.#queue ??= new ClientQueue();
    this.#queue.add(new EncodedPush(push, encoder));
    if (this.#queue.size > this.context.limits.queueSize) this.disconnect(disconnectCodes.SLOW);
  }

  /** The client knows that it has begun: what waits goes to it. */
  protected open(): void {
    this.#isConnecting = false;
    this.#release();
  }

  /** What waits of `channel` is not for it any more. */
  protected forget(channel: string): void {
    this.#queue?.forget(channel);
  }

  protected dropQueue(): void {
    this.#queue = undefined;
  }

  #release(): void {
    for (let next = this.#queue?.take(); next !== undefined; next = this.#queue?.take()) {
      const result = this.outlet.write(next.batch, false);
      // There will be a `drained` for it.
      if (result === 'buffered' && this.outlet.bufferedAmount > HIGH_WATER) return;
      if (result === 'closed') break;
    }
    this.#queue = undefined;
    this.isHeld = false;
  }
}
