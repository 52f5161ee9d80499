import type { Published } from '../worker/messages.ts';
import type { ActivityRun } from './activity.ts';

/** Connections that are there, and do nothing. */
export class IdleRun implements ActivityRun {
  channelsOf(): readonly string[] {
    return [];
  }

  begin(): void {}

  stop(): void {}

  published(): Published {
    return [];
  }

  settle(): void {}

  isComplete(): boolean {
    return true;
  }

  conclude(): void {}
}
