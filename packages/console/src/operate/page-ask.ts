import { refreshAbout } from '../shared/about.ts';
import { askBy } from './ask.ts';

/** Asks with the session of who has logged in. */
export const ask = askBy(
  (path, body) => fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body }),
  () => void refreshAbout(),
);
