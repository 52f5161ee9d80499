import { useEffect, useState } from 'preact/hooks';
import type { Store } from './store.ts';

/** A store as the state of a component, which is drawn anew whenever it changes. */
export function useStore<Kind extends Store>(make: () => Kind): Kind {
  const [store] = useState(make);
  const [, draw] = useState(0);
  useEffect(() => store.listen(() => draw((count) => count + 1)), [store]);
  return store;
}
