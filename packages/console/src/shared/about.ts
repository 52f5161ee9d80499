import { useEffect, useState } from 'preact/hooks';
import type { About, Login, Refusal, Session } from '../console-messages.ts';

// What the service says of itself and of who has logged in. A page asks when it comes, when it is looked at again, and now and then
// while it is looked at, by which a session that is in use goes on.

/** In milliseconds. */
const REFRESH = 5 * 60_000;

/** The longest that a timer of a browser waits, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

export interface Known {
  /** The latest that the service has said; `undefined` until then. It may have said it to the page before: see `isFresh`. */
  readonly about: About | undefined;
  /** Whether it was said to this page. Until then it is good for the navigation only. */
  readonly isFresh: boolean;
  /** Whether the service was asked in vain, the last time. */
  readonly isOut: boolean;
  /** Who was logged in on this page and is no more. */
  readonly ended: Session | undefined;
}

/** Where the next page finds what was said to this one, so that its navigation is there at once. */
const STORE = 'tidewire-about';

let known: Known = { about: toldBefore(), isFresh: false, isOut: false, ended: undefined };
const listeners = new Set<(known: Known) => void>();
let ending: ReturnType<typeof setTimeout> | undefined;

function tell(next: Known): void {
  known = next;
  for (const listener of listeners) listener(known);
}

/** Asks the service anew: also to be called when it has refused something for want of a session. */
export async function refreshAbout(): Promise<void> {
  const about = await fetchAbout();
  if (about === undefined) return tell({ ...known, isOut: true });
  const { session } = about;
  const before = known.isFresh ? (known.ended ?? known.about?.session) : undefined;
  tell({ about, isFresh: true, isOut: false, ended: session === undefined ? before : undefined });
  clearTimeout(ending);
  if (session === undefined) return;
  const left = Math.min(Math.max(session.until - Date.now(), 0) + 1000, LONGEST_TIMER);
  ending = setTimeout(() => void refreshAbout(), left);
}

async function fetchAbout(): Promise<About | undefined> {
  try {
    const response = await fetch('/console/about');
    if (!response.ok) return undefined;
    const text = await response.text();
    store(text);
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function store(text: string): void {
  try {
    sessionStorage.setItem(STORE, text);
  } catch {
    // Some browsers are told to keep nothing.
  }
}

function toldBefore(): About | undefined {
  try {
    const text = sessionStorage.getItem(STORE);
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @returns what went wrong, for people; `undefined` if nothing did */
export async function logIn(login: Login): Promise<string | undefined> {
  try {
    const response = await fetch('/console/session', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(login),
    });
    if (response.ok) return undefined;
    const { error }: Refusal = await response.json();
    return error;
  } catch {
    return 'The service does not answer. Is it still there?';
  }
}

/** @returns whether it is done */
export async function logOut(): Promise<boolean> {
  try {
    return (await fetch('/console/session', { method: 'DELETE' })).ok;
  } catch {
    return false;
  }
}

export function useAbout(): Known {
  const [latest, setLatest] = useState(known);
  useEffect(() => {
    listeners.add(setLatest);
    setLatest(known);
    return () => void listeners.delete(setLatest);
  }, []);
  return latest;
}

/** To be called once for a page. */
export function watchAbout(): void {
  const refreshIfSeen = () => {
    if (document.visibilityState === 'visible') void refreshAbout();
  };
  document.addEventListener('visibilitychange', refreshIfSeen);
  // A page that comes out of the cache of the back button is as it was.
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) void refreshAbout();
  });
  setInterval(refreshIfSeen, REFRESH);
  void refreshAbout();
}
