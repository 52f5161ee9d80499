import { type OpenLane, RETRY_DELAY, type Track } from './track.ts';

/** Server-sent events: the browser parses them, and comes back by itself. */
export const openEvents: OpenLane = (track) => {
  const source = new EventSource(track.url('/race/events'));
  source.onopen = track.opened;
  source.onmessage = ({ data }: MessageEvent<string>) => track.take(data);
  return () => source.close();
};

/** One answer that is read line by line while it comes. */
export const openStream: OpenLane = (track) => {
  const ending = new AbortController();
  const run = async () => {
    while (!ending.signal.aborted) {
      await read(track, ending.signal).catch(() => {});
      if (!ending.signal.aborted) await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY));
    }
  };
  void run();
  return () => ending.abort();
};

async function read(track: Track, signal: AbortSignal): Promise<void> {
  const response = await fetch(track.url('/race/stream'), { signal, cache: 'no-store' });
  if (!response.ok || response.body === null) return;
  track.opened();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = `${rest}${value}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) track.take(line);
  }
}
