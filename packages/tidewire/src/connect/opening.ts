import type { Handshake } from '@tidewire/client';
import { visible, withoutCredentials } from './format.ts';
import type { OpenDetails } from './view.ts';

/** One line about a connection that is open now. */
export function describeOpening({ url, subprotocol, extensions }: OpenDetails): string {
  const agreed = [subprotocol && `subprotocol ${subprotocol}`, extensions && `extensions ${extensions}`];
  return ['Connected to ', [withoutCredentials(url), ...agreed.filter((detail) => detail !== '')].join(', ')].join('');
}

/** The head of the server's answer, a line for each header. */
export function describeHandshake({ status, headers }: Handshake): string {
  const lines = [...headers].map(([name, value]) => `< ${name}: ${value}`);
  return visible([`< HTTP/1.1 ${status}`, ...lines].join('\n'));
}
