import type { Conversation, MessageData } from './decoder.ts';

// What the codecs look at to recognise their protocol.

/** Messages that are looked at. */
const LOOKED_AT = 20;
/** Characters or bytes of a message that is looked at: longer ones say nothing. */
const LONGEST = 64 * 1024;

/** The path of a target, and the parameters of its query. */
export function targetOf({ target }: Conversation): { path: string; query: URLSearchParams } {
  const [path = '', query = ''] = target
    .split('#', 1)
    .join('')
    .split(/\?(.*)/s);
  return { path, query: new URLSearchParams(query) };
}

/** The share of the first messages that are of a protocol, from 0 to 1; 0 if there are none. */
export function shareOf(
  { messages }: Conversation,
  isOfIt: (data: MessageData, direction: 'toServer' | 'toClient') => boolean,
): number {
  const first = messages.slice(0, LOOKED_AT).filter(({ data }) => data.length <= LONGEST);
  if (first.length === 0) return 0;
  return first.filter(({ data, direction }) => isOfIt(data, direction)).length / first.length;
}

/** How sure one is by messages alone: never quite, and not at all if less than most of them fit. */
export function sureness(share: number, most: number): number {
  return share < 0.75 ? 0 : share * most;
}
