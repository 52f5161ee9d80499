import type { ExtensionOffer } from '../handshake/extension-header.ts';
import { failHandshake, type HandshakeFailure } from '../handshake/failures.ts';
import type { DeflateCodec } from '../platform.ts';
import {
  type DeflateOffer,
  MAX_WINDOW_BITS,
  PERMESSAGE_DEFLATE,
  readParameters,
  writeParameters,
} from './negotiation-parameters.ts';

// What the two sides agree on about permessage-deflate: RFC 7692, 5 and 7.1. Offers of a peer that are invalid are
// declined, and answers of a peer that are invalid fail the handshake; only options of the caller's are thrown back.

/** What both sides keep to. Window sizes are base-2 logarithms, 8 to 15. */
export interface DeflateAgreement {
  readonly serverNoContextTakeover: boolean;
  readonly clientNoContextTakeover: boolean;
  readonly serverMaxWindowBits: number;
  readonly clientMaxWindowBits: number;
}

/** What a server would like. */
export type DeflatePreference = { readonly [Option in keyof DeflateAgreement]?: DeflateAgreement[Option] | undefined };

/** The offer that a server has accepted. */
export interface DeflateAcceptance {
  readonly agreement: DeflateAgreement;
  /** What tells the client. */
  readonly response: ExtensionOffer;
}

/** What the compressors of this side can do: see `DeflateCodec`. */
export type DeflateAbility = Pick<DeflateCodec, 'minDeflateWindowBits'>;

/**
 * A client's offers, for Sec-WebSocket-Extensions: the server takes the first that it can.
 * @throws RangeError naming the option, if window bits are outside 8 to 15 or fewer than this side can compress with
 */
export function offerDeflate(offers: DeflateOffer | readonly DeflateOffer[], codec: DeflateAbility): ExtensionOffer[] {
  return [offers].flat().map((offer) => {
    const { serverMaxWindowBits, clientMaxWindowBits } = offer;
    assertWindowBits('serverMaxWindowBits', serverMaxWindowBits, 8);
    if (clientMaxWindowBits !== true) {
      assertWindowBits('clientMaxWindowBits', clientMaxWindowBits, codec.minDeflateWindowBits);
    }
    return writeParameters(offer);
  });
}

/**
 * Checks what a server is configured with, to be called before the first client comes.
 * @throws RangeError naming the option, if window bits are outside 8 to 15 or fewer than this side can compress with
 */
export function assertDeflatePreference(preference: DeflatePreference, codec: DeflateAbility): void {
  assertWindowBits('serverMaxWindowBits', preference.serverMaxWindowBits, codec.minDeflateWindowBits);
  assertWindowBits('clientMaxWindowBits', preference.clientMaxWindowBits, 8);
}

/**
 * A server's answer to what a client offers: the first acceptable offer of permessage-deflate, or `undefined` to go
 * without. What the server prefers is met as far as the offer allows: a client that did not say that its window can be
 * limited uses 15 bits.
 * @throws RangeError if the preference is invalid: see `assertDeflatePreference`
 */
export function acceptDeflate(
  offers: readonly ExtensionOffer[],
  preference: DeflatePreference,
  codec: DeflateAbility,
): DeflateAcceptance | undefined {
  assertDeflatePreference(preference, codec);
  // 7.1: the server MUST decline an offer with a parameter that is unknown, repeated, or has an invalid value.
  // An offer that asks to compress within a smaller window than the codec has is declined as well (7.1.2.1).
  const offer = readOffers(offers).find((said) => bitsOf(said.serverMaxWindowBits) >= codec.minDeflateWindowBits);
  return offer && accept(offer, preference);
}

function accept(offer: DeflateOffer, preference: DeflatePreference): DeflateAcceptance {
  const clientWindowBits = Math.min(bitsOf(offer.clientMaxWindowBits), bitsOf(preference.clientMaxWindowBits));
  const agreement: DeflateAgreement = {
    serverNoContextTakeover: Boolean(offer.serverNoContextTakeover || preference.serverNoContextTakeover),
    clientNoContextTakeover: Boolean(offer.clientNoContextTakeover || preference.clientNoContextTakeover),
    serverMaxWindowBits: Math.min(bitsOf(offer.serverMaxWindowBits), bitsOf(preference.serverMaxWindowBits)),
    // 7.1.2.2: without client_max_window_bits in the offer the response MUST NOT have it
    clientMaxWindowBits: offer.clientMaxWindowBits === undefined ? MAX_WINDOW_BITS : clientWindowBits,
  };
  // 7.1.2.1: server_max_window_bits in the offer is accepted by saying it in the response, whatever the value
  const saysServerBits = offer.serverMaxWindowBits !== undefined || agreement.serverMaxWindowBits < MAX_WINDOW_BITS;
  const saysClientBits = agreement.clientMaxWindowBits < MAX_WINDOW_BITS;
  const response = writeParameters({
    ...agreement,
    serverMaxWindowBits: saysServerBits ? agreement.serverMaxWindowBits : undefined,
    clientMaxWindowBits: saysClientBits ? agreement.clientMaxWindowBits : undefined,
  });
  return { agreement, response };
}

export type DeflateResult =
  | {
      readonly ok: true;
      /** `undefined` if the server goes without. */
      readonly agreement: DeflateAgreement | undefined;
    }
  | HandshakeFailure;

/** A client's check of what the server answered against what it had offered itself. Never throws. */
export function checkDeflate(
  answered: readonly ExtensionOffer[],
  offered: readonly ExtensionOffer[],
  codec: DeflateAbility,
): DeflateResult {
  const [answer, ...others] = answered.filter(isDeflate);
  if (answer === undefined) return { ok: true, agreement: undefined };
  if (others.length > 0) return failHandshake('EXTENSION_REPEATED'); // 5.1: the server accepts one offer
  const said = readParameters(answer);
  // 7.1: the client MUST fail the connection over parameters that are unknown, repeated, or have an invalid value;
  // 7.1.2.2: in a response client_max_window_bits has a value
  if (said === undefined || said.clientMaxWindowBits === true) return failHandshake('DEFLATE_PARAMETERS');
  const results = readOffers(offered).map((offer) => checkAgainst(offer, said, codec));
  return results.find(({ ok }) => ok) ?? results[0] ?? failHandshake('EXTENSION_NOT_OFFERED');
}

function checkAgainst(offer: DeflateOffer, answer: DeflateOffer, codec: DeflateAbility): DeflateResult {
  // 7.1.1.1: a server accepts such an offer by saying the same
  if (offer.serverNoContextTakeover && !answer.serverNoContextTakeover)
    return failHandshake('DEFLATE_CONTEXT_TAKEOVER');
  // 7.1.2.1: a server accepts such an offer with the same or a smaller window
  const serverMaxWindowBits = bitsOf(answer.serverMaxWindowBits);
  if (serverMaxWindowBits > bitsOf(offer.serverMaxWindowBits)) return failHandshake('DEFLATE_SERVER_WINDOW');
  // 7.1.2.2: a response MUST NOT have this parameter if the offer did not
  if (answer.clientMaxWindowBits !== undefined && offer.clientMaxWindowBits === undefined) {
    return failHandshake('DEFLATE_CLIENT_WINDOW');
  }
  // 7.1.2.2: the client had said that it would not use more, whatever the answer
  const clientMaxWindowBits = Math.min(bitsOf(answer.clientMaxWindowBits), bitsOf(offer.clientMaxWindowBits));
  if (clientMaxWindowBits < codec.minDeflateWindowBits) return failHandshake('DEFLATE_WINDOW_UNSUPPORTED');
  const agreement: DeflateAgreement = {
    serverNoContextTakeover: Boolean(answer.serverNoContextTakeover),
    // 7.1.1.2: the same holds for what the client had said of its own compressor
    clientNoContextTakeover: Boolean(answer.clientNoContextTakeover || offer.clientNoContextTakeover),
    serverMaxWindowBits,
    clientMaxWindowBits,
  };
  return { ok: true, agreement };
}

function isDeflate({ name }: ExtensionOffer): boolean {
  return name === PERMESSAGE_DEFLATE;
}

/** The valid ones among the offers of permessage-deflate. */
function readOffers(offers: readonly ExtensionOffer[]): DeflateOffer[] {
  return offers.filter(isDeflate).flatMap((offer) => readParameters(offer) ?? []);
}

/** The window that this means: the largest where no number is named. */
function bitsOf(bits: number | true | undefined): number {
  return typeof bits === 'number' ? bits : MAX_WINDOW_BITS;
}

function assertWindowBits(name: string, bits: number | undefined, min: number): void {
  if (bits === undefined || (Number.isInteger(bits) && bits >= min && bits <= MAX_WINDOW_BITS)) return;
  throw new RangeError(`${name} must be an integer from ${min} to ${MAX_WINDOW_BITS}, not ${String(bits)}`);
}
