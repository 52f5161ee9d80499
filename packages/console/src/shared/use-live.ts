import { useState } from 'preact/hooks';

/** A component's state that event handlers can read as it is now, not as it was at the last rendering. */
export interface Live<State extends object> {
  readonly current: State;
  update(change: Partial<State>): void;
}

export function useLive<State extends object>(initial: State): Live<State> {
  const [, draw] = useState(0);
  const [live] = useState(() => {
    let current = initial;
    return {
      get current() {
        return current;
      },
      update(change: Partial<State>) {
        current = { ...current, ...change };
        draw((count) => count + 1);
      },
    };
  });
  return live;
}
