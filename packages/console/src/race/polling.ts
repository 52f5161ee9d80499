import { type OpenLane, RETRY_DELAY, type Track, takeLines } from './track.ts';

/** Between the requests of interval polling, in milliseconds. */
export const POLL_INTERVAL = 1000;

/** Asks every second, unless the last question has no answer yet. */
export const openPolling: OpenLane = (track) => {
  const ending = new AbortController();
  let isAsking = false;
  const poll = async () => {
    if (isAsking) return;
    isAsking = true;
    await ask(track, '/race/polling', ending.signal);
    isAsking = false;
  };
  const timer = setInterval(poll, POLL_INTERVAL);
  void poll();
  return () => {
    clearInterval(timer);
    ending.abort();
  };
};

/** Asks again as soon as there is an answer, which comes when there is something to say. */
export const openLongPolling: OpenLane = (track) => {
  const ending = new AbortController();
  const poll = async () => {
    // The first question may wait for long, and nothing says that it has arrived.
    track.opened();
    while (!ending.signal.aborted) {
      const answered = await ask(track, '/race/long-polling', ending.signal);
      if (!answered) await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY));
    }
  };
  void poll();
  return () => ending.abort();
};

/** Whether there was an answer. */
async function ask(track: Track, path: string, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(track.url(path), { signal, cache: 'no-store' });
    if (!response.ok) return false;
    takeLines(track, await response.text());
    track.opened();
    return true;
  } catch {
    return false;
  }
}
