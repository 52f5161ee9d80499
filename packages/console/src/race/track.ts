import { decodeRaceMessage, type RaceMessage } from '../race-messages.ts';

/** What a lane's transport is given: where to ask, and where to put what comes. */
export interface Track {
  /** The address of a path of this run, with what the page has already. */
  url(path: string): string;
  /** A message has come in: the text of one message of the stream. */
  take(text: string): void;
  /** The first answer is there, or the connection is open. */
  opened(): void;
}

/** Opens a lane, and returns what closes it. */
export type OpenLane = (track: Track) => () => void;

/** After a failure a lane waits for so long before it tries again, in milliseconds. */
export const RETRY_DELAY = 1000;

/** @param arrived called with each message once, in the order of the stream */
export function createTrack(run: string, opened: () => void, arrived: (message: RaceMessage) => void): Track {
  let last = 0;
  return {
    url: (path) => `${path}?run=${encodeURIComponent(run)}&after=${last}`,
    opened,
    take(text) {
      const message = decodeRaceMessage(text);
      // After a failure a lane may bring again what it has brought.
      if (message === undefined || message.n <= last) return;
      last = message.n;
      arrived(message);
    },
  };
}

/** Takes the messages of a text that has one on each line. */
export function takeLines({ take }: Track, text: string): void {
  for (const line of text.split('\n')) if (line !== '') take(line);
}
