import type { ExtensionOffer, ExtensionParameter } from '../handshake/extension-header.ts';

// The four parameters of permessage-deflate as they stand in Sec-WebSocket-Extensions: RFC 7692, 7.1.

export const PERMESSAGE_DEFLATE = 'permessage-deflate';

/** The largest window, and the one that is used where no parameter says otherwise: 7.1.2.1. */
export const MAX_WINDOW_BITS = 15;

/** What one offer or one answer says. Window sizes are base-2 logarithms, 8 to 15. */
export interface DeflateOffer {
  /** 7.1.1.1: the server compresses each message by itself. Default `false`. */
  readonly serverNoContextTakeover?: boolean | undefined;
  /** 7.1.1.2: the client compresses each message by itself. Default `false`. */
  readonly clientNoContextTakeover?: boolean | undefined;
  /** 7.1.2.1: the largest window that the server may compress with. Default: any. */
  readonly serverMaxWindowBits?: number | undefined;
  /**
   * 7.1.2.2: in an offer, that the server may limit the client's window; with a number, also that the client will not
   * use a larger one anyway. Default: the server may not.
   */
  readonly clientMaxWindowBits?: number | true | undefined;
}

/** What the parameters say, or `undefined` if one of them is unknown, repeated, or has an invalid value. */
export function readParameters({ parameters }: ExtensionOffer): DeflateOffer | undefined {
  const names = new Set(parameters.map(({ name }) => name));
  if (names.size !== parameters.length) return undefined;
  const said: { -readonly [Option in keyof DeflateOffer]: DeflateOffer[Option] } = {};
  for (const { name, value } of parameters) {
    if (name === 'server_no_context_takeover' && value === undefined) said.serverNoContextTakeover = true;
    else if (name === 'client_no_context_takeover' && value === undefined) said.clientNoContextTakeover = true;
    else if (name === 'client_max_window_bits' && value === undefined) said.clientMaxWindowBits = true;
    else if (name === 'server_max_window_bits' && isWindowBits(value)) said.serverMaxWindowBits = Number(value);
    else if (name === 'client_max_window_bits' && isWindowBits(value)) said.clientMaxWindowBits = Number(value);
    else return undefined;
  }
  return said;
}

/** The reverse of `readParameters`. */
export function writeParameters(said: DeflateOffer): ExtensionOffer {
  const parameters: ExtensionParameter[] = [];
  if (said.serverNoContextTakeover) parameters.push({ name: 'server_no_context_takeover', value: undefined });
  if (said.clientNoContextTakeover) parameters.push({ name: 'client_no_context_takeover', value: undefined });
  const { serverMaxWindowBits, clientMaxWindowBits } = said;
  if (serverMaxWindowBits !== undefined) {
    parameters.push({ name: 'server_max_window_bits', value: String(serverMaxWindowBits) });
  }
  if (clientMaxWindowBits !== undefined) {
    const value = clientMaxWindowBits === true ? undefined : String(clientMaxWindowBits);
    parameters.push({ name: 'client_max_window_bits', value });
  }
  return { name: PERMESSAGE_DEFLATE, parameters };
}

/** 7.1.2.1 and 7.1.2.2: a decimal integer from 8 to 15 without leading zeros. */
function isWindowBits(value: string | undefined): boolean {
  return value !== undefined && /^(?:[89]|1[0-5])$/.test(value);
}
