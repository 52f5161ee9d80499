import type { VirtualClient } from '../client/virtual-client.ts';
import type { Tally } from '../measure/tally.ts';
import type { Phase, Target } from '../scenario/schema.ts';
import type { Agenda, Clock } from '../schedule/agenda.ts';
import type { Random } from '../schedule/random.ts';
import type { Published, WorkerSlow, WorkerStorm } from '../worker/messages.ts';

// What the connections of a worker do in a phase. Its calls come in this order: `channelsOf` for each connection, `begin`, then
// whatever happens, `settle` until nothing is missing, `conclude`.

/** What an activity has to work with. */
export interface ActivityContext<P extends Phase = Phase> {
  readonly phase: P;
  readonly target: Target;
  readonly clock: Clock;
  readonly agenda: Agenda;
  readonly tally: Tally;
  /** All connections of this worker, by index; those that are not open, too. */
  readonly clients: ReadonlyMap<number, VirtualClient>;
  /** Chance for whatever has this name. */
  random(name: string): Random;
  /** Opens a connection again, and counts it. */
  reopen(client: VirtualClient): void;
}

export interface ActivityRun {
  /** What a connection is to subscribe to before anything begins. */
  channelsOf(client: VirtualClient): readonly string[];
  /** What subscribes, where the protocol does not say it. */
  readonly subscribesBy?: string | undefined;
  /** Milliseconds on the clock of the run. */
  begin(start: number, end: number): void;
  message?(client: VirtualClient, text: string): void;
  answered?(client: VirtualClient, id: number, refusal: string | undefined): void;
  ready?(client: VirtualClient): void;
  failed?(client: VirtualClient): void;
  /** @returns whether the activity counts it itself */
  gone?(client: VirtualClient, code: number): boolean;
  /** Sends nothing more. */
  stop(): void;
  /** How many messages each connection of this worker has sent. */
  published(): Published;
  /** All workers have sent all. What this is told is what `published` said of all of them. */
  settle(published: Published): void;
  /** Whether everything that can come has come. */
  isComplete(): boolean;
  /** Counts what has not come. */
  conclude(): void;
  storm?(): WorkerStorm;
  slow?(): WorkerSlow | undefined;
}
