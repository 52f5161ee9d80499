import { logIn } from '../shared/about.ts';

/**
 * Takes a key out of the address, where the command line puts it, and logs in with it. The address does not have it any more
 * then: not in the history, and not in what somebody copies.
 * @returns what went wrong, in words, if something did
 */
export async function logInByAddress(): Promise<string | undefined> {
  const key = new URLSearchParams(location.hash.slice(1)).get('key');
  if (key === null) return undefined;
  history.replaceState(history.state, '', `${location.pathname}${location.search}`);
  return await logIn({ key });
}
