import { UsageError } from '../problem.ts';
import { withoutCredentials } from './format.ts';

/** @throws UsageError saying what a URL of a WebSocket looks like, if this is none */
export function assertUrl(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^(?:wss?|https?):$/.test(url.protocol) || !/^[a-z]+:\/\//i.test(text)) {
    throw new UsageError(
      `${withoutCredentials(text)} is not the URL of a WebSocket: it must begin with ws:// or wss://`,
    );
  }
  if (text.includes('#'))
    throw new UsageError(`${withoutCredentials(text)} has a fragment (#), which the URL of a WebSocket must not have`);
}
