import type { Request, Response } from '../http.ts';
import type { Lane } from './lane.ts';
import type { StreamMessage } from './message-log.ts';
import type { Run } from './run.ts';

// The two ways that are made of plain requests: each names the last message that the page has, and is answered with
// those behind it, a line of JSON for each. Interval polling is answered at once, and mostly in vain; long polling when
// there is something to say.

/** A long poll that has nothing to say for so long is answered with nothing: proxies cut what is silent for a minute. */
const LONGEST_WAIT = 25_000;

/** What every answer of a lane says beside what it is. */
export const laneHeaders = {
  'Cache-Control': 'no-store',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
} as const;

/** @param after the number of the last message that the page has */
export function answerPoll(run: Run, request: Request, response: Response, after: number): void {
  const lane = run.lane('polling');
  const isOpen = watchOpen(response);
  const leave = lane.enter(request, { end: () => response.destroy() }, () =>
    answer(lane, response, isOpen, run.log.after(after)),
  );
  response.once('close', leave);
}

/** @param after the number of the last message that the page has */
export function answerLongPoll(run: Run, request: Request, response: Response, after: number): void {
  const lane = run.lane('long-polling');
  const isOpen = watchOpen(response);
  let stopWaiting = (): void => {};
  const finish = (): void => {
    stopWaiting();
    answer(lane, response, isOpen, run.log.after(after));
  };
  const leave = lane.enter(request, { end: () => response.destroy() }, () => {
    if (!isOpen()) return;
    if (run.log.after(after).length > 0) return finish();
    const timer = setTimeout(finish, LONGEST_WAIT);
    const unsubscribe = run.subscribe(finish);
    stopWaiting = () => {
      clearTimeout(timer);
      unsubscribe();
    };
  });
  response.once('close', () => {
    stopWaiting();
    leave();
  });
}

function answer(lane: Lane, response: Response, isOpen: () => boolean, messages: readonly StreamMessage[]): void {
  const body = messages.map(({ text }) => `${text}\n`).join('');
  lane.send(messages.length, () => {
    if (!isOpen()) return;
    const headers = {
      ...laneHeaders,
      'Content-Type': 'application/x-ndjson',
      'Content-Length': Buffer.byteLength(body),
    };
    response.writeHead(200, headers);
    response.end(body);
  });
}

/** Whether the response is still under way, from now on. */
export function watchOpen(response: Response): () => boolean {
  let isOpen = true;
  response.once('close', () => {
    isOpen = false;
  });
  return () => isOpen;
}
