import { nodePlatform } from '@tidewire/node';
import { checkDeflate, type DeflateAgreement, type ExtensionOffer, parseExtensions } from '@tidewire/protocol';
import type { HeaderPairs } from './recording/index.ts';
import type { Compression } from './way/message-reader.ts';

// What client and server have agreed on, as far as it matters to whoever reads along.

export interface Agreement {
  readonly subprotocol: string;
  /** `Sec-WebSocket-Extensions` of the response. */
  readonly extensions: string;
  readonly toServer: Compression | undefined;
  readonly toClient: Compression | undefined;
  /** Why nothing of what goes over the connection can be read, if that is so. */
  readonly unreadable: string | undefined;
}

/** All values of a header, as if it had been sent as one (RFC 9110, 5.3); empty if it was not. */
export function headerOf(headers: HeaderPairs, name: string): string {
  return headers
    .filter(([each]) => each.toLowerCase() === name)
    .map(([, value]) => value.trim())
    .join(', ');
}

export function agreementOf(request: HeaderPairs, response: HeaderPairs): Agreement {
  const extensions = headerOf(response, 'sec-websocket-extensions');
  const offered = parseExtensions(headerOf(request, 'sec-websocket-extensions')) ?? [];
  const common = { subprotocol: headerOf(response, 'sec-websocket-protocol'), extensions };
  const deflate = readDeflate(extensions, offered);
  if (typeof deflate === 'string') return { ...common, toServer: undefined, toClient: undefined, unreadable: deflate };
  return {
    ...common,
    toServer: deflate && compression(deflate.clientMaxWindowBits, !deflate.clientNoContextTakeover),
    toClient: deflate && compression(deflate.serverMaxWindowBits, !deflate.serverNoContextTakeover),
    unreadable: undefined,
  };
}

/** What is agreed on for permessage-deflate; `undefined` if nothing is; or why the frames cannot be understood. */
function readDeflate(extensions: string, offered: readonly ExtensionOffer[]): DeflateAgreement | string | undefined {
  if (extensions === '') return undefined;
  const answered = parseExtensions(extensions);
  if (answered === undefined) return 'The response has a Sec-WebSocket-Extensions that is none';
  const unknown = answered.find(({ name }) => name !== 'permessage-deflate');
  if (unknown !== undefined) return `The extension ${unknown.name} is not known here`;
  const result = checkDeflate(answered, offered, { minDeflateWindowBits: 8 });
  return result.ok ? result.agreement : 'permessage-deflate was agreed on in a way that it does not allow';
}

function compression(windowBits: number, takesOver: boolean): Compression | undefined {
  const inflater = nodePlatform.deflate?.createInflater(windowBits, takesOver);
  return inflater && { inflater, takesOver };
}
