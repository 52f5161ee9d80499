import { useEffect, useRef } from 'preact/hooks';
import type { RaceEnding, RaceSettings } from '../race-messages.ts';
import { useLive } from '../shared/use-live.ts';
import { Race } from './race.ts';

export type RaceStatus = 'running' | 'stopped' | RaceEnding | 'lost';

interface State {
  readonly status: RaceStatus;
  readonly settings: RaceSettings;
  /** When the race ended, in seconds of the server's clock. */
  readonly endedAt: number | undefined;
}

export interface RaceControls extends State {
  readonly race: Race | undefined;
  start(): void;
  stop(): void;
  set(settings: RaceSettings): void;
}

/** A race as the state of a component. It starts with the page, and rests while nobody looks at it. */
export function useRace(initial: RaceSettings): RaceControls {
  const live = useLive<State>({ status: 'stopped', settings: initial, endedAt: undefined });
  const race = useRef<Race | undefined>(undefined);

  const start = () => {
    race.current?.stop();
    race.current = new Race(
      live.current.settings,
      () => live.update({}),
      (status) => live.update({ status, endedAt: race.current?.now }),
    );
    live.update({ status: 'running', endedAt: undefined });
  };
  const stop = () => {
    if (live.current.status !== 'running') return;
    const endedAt = race.current?.now;
    race.current?.stop();
    live.update({ status: 'stopped', endedAt });
  };

  useEffect(() => {
    let isResting = false;
    const look = () => {
      if (document.hidden && live.current.status === 'running') {
        isResting = true;
        stop();
      } else if (!document.hidden && isResting) {
        isResting = false;
        start();
      }
    };
    document.addEventListener('visibilitychange', look);
    if (document.hidden) isResting = true;
    else start();
    return () => {
      document.removeEventListener('visibilitychange', look);
      race.current?.stop();
    };
  }, []);

  return {
    ...live.current,
    race: race.current,
    start,
    stop,
    set: (settings) => {
      live.update({ settings });
      race.current?.set(settings);
    },
  };
}
