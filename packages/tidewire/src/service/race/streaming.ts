import type { RaceLane } from '@tidewire/console/race-messages';
import type { Request, Response } from '../http.ts';
import type { StreamMessage } from './message-log.ts';
import { laneHeaders, watchOpen } from './polling.ts';
import type { Run } from './run.ts';

// The two ways that are one response which never ends: server-sent events, which the browser parses, and plain HTTP
// streaming, a line of JSON for each message. Nothing can come back on either.

interface Format {
  readonly lane: RaceLane;
  readonly type: string;
  write(message: StreamMessage): string;
}

const formats: Readonly<Record<'events' | 'stream', Format>> = {
  events: { lane: 'events', type: 'text/event-stream', write: ({ n, text }) => `id: ${n}\ndata: ${text}\n\n` },
  stream: { lane: 'stream', type: 'application/x-ndjson', write: ({ text }) => `${text}\n` },
};

/** What may wait for a page that does not read, in bytes; with more, its response is cut. */
const MAX_BUFFERED = 64 * 1024;

/** @param after the number of the last message that the page has */
export function answerWithStream(
  kind: 'events' | 'stream',
  run: Run,
  request: Request,
  response: Response,
  after: number,
): void {
  const format = formats[kind];
  const lane = run.lane(format.lane);
  const isOpen = watchOpen(response);
  let unsubscribe = (): void => {};
  const pass = (messages: readonly StreamMessage[]): void =>
    lane.send(messages.length, () => {
      if (!isOpen()) return;
      response.write(messages.map(format.write).join(''));
      if (response.writableLength > MAX_BUFFERED) response.destroy();
    });
  const leave = lane.enter(request, { end: () => response.destroy() }, () => {
    if (!isOpen()) return;
    lane.send(0, () => {
      if (!isOpen()) return;
      response.writeHead(200, { ...laneHeaders, 'Content-Type': format.type });
      response.flushHeaders();
    });
    for (const missed of run.takeMissed(after)) pass(missed);
    unsubscribe = run.subscribe((message) => pass([message]));
  });
  response.once('close', () => {
    unsubscribe();
    leave();
  });
}
