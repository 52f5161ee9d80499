import { type Disconnect, disconnectCodes } from './codes.ts';
import type { HubContext } from './context.ts';
import { pause, sendAway } from './draining.ts';
import { EngineError, type EngineListener } from './engine.ts';
import type { HubDrainOptions } from './hub-options.ts';
import type { Occupancy } from './occupancy.ts';

// From the start of a hub to its end. Whoever ends it may do so at any moment, and several times: all of them wait until it is
// over.

/** Milliseconds that the engine has, when a hub stops, to tell others who has gone with it. */
const GOODBYE = 3000;

export class Life {
  /** Whether the engine has said that events may be lost, and not yet that all is well again. */
  isInterrupted = false;
  readonly #context: HubContext;
  readonly #occupancy: Occupancy;
  #state: 'new' | 'starting' | 'running' | 'draining' | 'stopped' = 'new';
  #starting: Promise<void> | undefined;
  #draining: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  #hurry: () => void = () => {};
  readonly #hurried = new Promise<void>((resolve) => {
    this.#hurry = resolve;
  });

  constructor(context: HubContext, occupancy: Occupancy) {
    this.#context = context;
    this.#occupancy = occupancy;
  }

  get takesClients(): boolean {
    return this.#state === 'running';
  }

  get isDraining(): boolean {
    return this.#state === 'draining';
  }

  get isHealthy(): boolean {
    return (this.#state === 'running' || this.#state === 'draining') && !this.isInterrupted;
  }

  /** Rejects with an `EngineError` if the engine cannot start, or `stop` is called meanwhile. */
  async start(node: string, listener: EngineListener): Promise<void> {
    if (this.#state !== 'new') throw new Error('The hub was started already');
    this.#state = 'starting';
    this.#starting = this.#context.engine.start(node, listener);
    try {
      await this.#starting;
    } catch (error) {
      if (this.#stopping === undefined) this.#state = 'new';
      throw error;
    }
    if (this.#stopping === undefined) {
      this.#state = 'running';
      return;
    }
    await this.#stopping;
    throw new EngineError('STOPPED', 'The hub was stopped while it started');
  }

  drain({ within = 0, disconnect = disconnectCodes.SHUTDOWN }: HubDrainOptions = {}): Promise<void> {
    if (this.#state === 'running') this.#state = 'draining';
    if (this.#draining !== undefined) return this.stop();
    this.#draining = this.#sendAway(within, disconnect).then(() => this.stop());
    return this.#draining;
  }

  /** Ends all connections with 3001. Never rejects. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#state = 'stopped';
    this.#hurry();
    for (const session of this.#context.clients.close()) session.disconnect(disconnectCodes.SHUTDOWN);
    this.#context.rooms.close();
    const hasStarted = this.#starting?.then(
      () => true,
      () => false,
    );
    if ((await hasStarted) !== true) return;
    await pause(GOODBYE, this.#sayGoodbye());
    await this.#context.engine.stop();
  }

  /** Nobody is present here any more, and no channel has subscribers. */
  async #sayGoodbye(): Promise<void> {
    await Promise.all([this.#context.presence.stop(), this.#occupancy.stop()]);
  }

  async #sendAway(within: number, disconnect: Disconnect): Promise<void> {
    await sendAway(this.#context.clients.all(), within, disconnect, this.#hurried);
    const { presence, namespaces } = this.#context;
    // Who comes back to another node has not been away. An engine that does not answer is not waited for much longer.
    await pause(namespaces.longestGrace + GOODBYE, Promise.race([presence.settled(), this.#hurried]));
  }
}
