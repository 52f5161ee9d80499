import {
  acceptDeflate,
  assertDeflatePreference,
  checkDeflate,
  type DeflateAgreement,
  type DeflateOffer,
  type DeflatePreference,
  type ExtensionOffer,
  type HandshakeFailureCode,
  handshakeFailures,
  offerDeflate,
  parseExtensions,
  serializeExtensions,
} from '@tidewire/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const zlib = { minDeflateWindowBits: 9 };
const able = { minDeflateWindowBits: 8 };
const plain: DeflateAgreement = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
};

/** `, ; a` stands for two offers of permessage-deflate, the second with a parameter. */
function extensions(header: string): readonly ExtensionOffer[] {
  const offers = header.split(', ').map((offer) => offer.replace(/^(?=;|$)/, 'permessage-deflate'));
  return parseExtensions(offers.join(', ')) ?? [];
}

const badBits = ['', '0', '7', '16', '99', '1e1', '010', '08', '+10', '-10', '0x0a', '10.0', '8 9', 'ten', '٩'];

describe('offerDeflate', () => {
  test.each<[DeflateOffer | DeflateOffer[], string]>([
    [{}, 'permessage-deflate'],
    [{ serverNoContextTakeover: false, clientNoContextTakeover: false }, 'permessage-deflate'],
    [{ clientMaxWindowBits: true }, 'permessage-deflate; client_max_window_bits'],
    [
      { serverNoContextTakeover: true, clientNoContextTakeover: true, serverMaxWindowBits: 8, clientMaxWindowBits: 9 },
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover; ' +
        'server_max_window_bits=8; client_max_window_bits=9',
    ],
    [[{ serverMaxWindowBits: 15 }, {}], 'permessage-deflate; server_max_window_bits=15, permessage-deflate'],
    [[], ''],
  ])('writes %j', (offers, header) => {
    expect(serializeExtensions(offerDeflate(offers, zlib))).toBe(header);
  });

  test.each([7, 16, 0, -9, 9.5, Number.NaN, Number.POSITIVE_INFINITY])('throws for %d window bits', (bits) => {
    expect(() => offerDeflate({ serverMaxWindowBits: bits }, able)).toThrow(RangeError);
    expect(() => offerDeflate({ serverMaxWindowBits: bits }, able)).toThrow('serverMaxWindowBits');
    expect(() => offerDeflate([{}, { clientMaxWindowBits: bits }], able)).toThrow('clientMaxWindowBits');
  });

  test('throws for window bits that are no number', () => {
    const offers = [{ serverMaxWindowBits: '10' }, able];
    expect(() => Reflect.apply(offerDeflate, undefined, offers)).toThrow(RangeError);
  });

  test('does not promise to compress within a smaller window than the codec can', () => {
    expect(() => offerDeflate({ clientMaxWindowBits: 8 }, zlib)).toThrow('clientMaxWindowBits');
    expect(() => offerDeflate({ clientMaxWindowBits: 8 }, able)).not.toThrow();
    expect(() => offerDeflate({ serverMaxWindowBits: 8 }, zlib)).not.toThrow();
  });
});

describe('acceptDeflate', () => {
  const accept = (header: string, preference: DeflatePreference = {}, codec = zlib) =>
    acceptDeflate(extensions(header), preference, codec);

  test.each<[offer: string, DeflatePreference, response: string, Partial<DeflateAgreement>]>([
    ['', {}, '', {}],
    ['; server_no_context_takeover', {}, '; server_no_context_takeover', { serverNoContextTakeover: true }],
    ['', { serverNoContextTakeover: true }, '; server_no_context_takeover', { serverNoContextTakeover: true }],
    ['; client_no_context_takeover', {}, '; client_no_context_takeover', { clientNoContextTakeover: true }],
    ['', { clientNoContextTakeover: true }, '; client_no_context_takeover', { clientNoContextTakeover: true }],
    ['; server_max_window_bits=10', {}, '; server_max_window_bits=10', { serverMaxWindowBits: 10 }],
    ['; server_max_window_bits="10"', {}, '; server_max_window_bits=10', { serverMaxWindowBits: 10 }],
    ['; server_max_window_bits=15', {}, '; server_max_window_bits=15', {}],
    ['', { serverMaxWindowBits: 12 }, '; server_max_window_bits=12', { serverMaxWindowBits: 12 }],
    [
      '; server_max_window_bits=10',
      { serverMaxWindowBits: 12 },
      '; server_max_window_bits=10',
      { serverMaxWindowBits: 10 },
    ],
    [
      '; server_max_window_bits=12',
      { serverMaxWindowBits: 10 },
      '; server_max_window_bits=10',
      { serverMaxWindowBits: 10 },
    ],
    ['; client_max_window_bits', {}, '', {}],
    ['; client_max_window_bits', { clientMaxWindowBits: 8 }, '; client_max_window_bits=8', { clientMaxWindowBits: 8 }],
    ['; client_max_window_bits=10', {}, '; client_max_window_bits=10', { clientMaxWindowBits: 10 }],
    ['; client_max_window_bits=8', {}, '; client_max_window_bits=8', { clientMaxWindowBits: 8 }],
    [
      '; client_max_window_bits=10',
      { clientMaxWindowBits: 12 },
      '; client_max_window_bits=10',
      { clientMaxWindowBits: 10 },
    ],
    [
      '; client_max_window_bits=12',
      { clientMaxWindowBits: 10 },
      '; client_max_window_bits=10',
      { clientMaxWindowBits: 10 },
    ],
    ['', { clientMaxWindowBits: 10 }, '', {}],
  ])('answers the offer %j, where %j is preferred, with %j', (offer, preference, response, agreement) => {
    const accepted = accept(offer, preference);
    expect(accepted?.agreement).toEqual({ ...plain, ...agreement });
    expect(accepted?.response).toEqual(extensions(response)[0]);
  });

  test('takes the first offer that it can', () => {
    expect(accept('; server_max_window_bits=11, ; server_max_window_bits=10')?.agreement.serverMaxWindowBits).toBe(11);
    expect(accept('; unknown, other; client_max_window_bits, ; server_max_window_bits=10')?.agreement).toEqual({
      ...plain,
      serverMaxWindowBits: 10,
    });
  });

  test('declines an offer to compress within a smaller window than the codec can, and takes the next', () => {
    expect(accept('; server_max_window_bits=8')).toBeUndefined();
    expect(accept('; server_max_window_bits=8, ')?.agreement).toEqual(plain);
    expect(accept('; server_max_window_bits=8', {}, able)?.agreement.serverMaxWindowBits).toBe(8);
  });

  test.each([
    '; unknown',
    '; Server_no_context_takeover',
    '; server_no_context_takeover=1',
    '; client_no_context_takeover=true',
    '; server_no_context_takeover; server_no_context_takeover',
    '; client_max_window_bits; client_max_window_bits=10',
    '; server_max_window_bits=10; server_max_window_bits=10',
    '; server_max_window_bits',
    'x-webkit-deflate-frame',
    'Permessage-Deflate',
    ...badBits.map((bits) => `; server_max_window_bits=${bits}`),
    ...badBits.map((bits) => `; client_max_window_bits=${bits}`),
    ...badBits.map((bits) => `; server_max_window_bits="${bits}"`),
  ])('declines %j', (offer) => {
    expect(accept(offer)).toBeUndefined();
  });

  test('declines where nothing is offered', () => {
    expect(acceptDeflate([], {}, zlib)).toBeUndefined();
  });

  test('declines window bits that no header could hold', () => {
    for (const value of [...badBits, '10\n', ' 10']) {
      const offer = { name: 'permessage-deflate', parameters: [{ name: 'server_max_window_bits', value }] };
      expect(acceptDeflate([offer], {}, zlib)).toBeUndefined();
    }
  });

  test('throws for an invalid preference and names the option, before and with the first offer', () => {
    for (const bits of [7, 8, 16, 9.5, Number.NaN]) {
      expect(() => accept('', { serverMaxWindowBits: bits })).toThrow('serverMaxWindowBits');
      expect(() => assertDeflatePreference({ serverMaxWindowBits: bits }, zlib)).toThrow(RangeError);
    }
    expect(() => assertDeflatePreference({ clientMaxWindowBits: 7 }, zlib)).toThrow('clientMaxWindowBits');
    expect(() => assertDeflatePreference({ serverMaxWindowBits: 9, clientMaxWindowBits: 8 }, zlib)).not.toThrow();
  });
});

describe('checkDeflate', () => {
  const check = (offered: string, answered: string, codec = zlib) =>
    checkDeflate(extensions(answered), offered === '-' ? [] : extensions(offered), codec);

  test('knows a server that goes without', () => {
    expect(checkDeflate([], extensions(''), zlib)).toEqual({ ok: true, agreement: undefined });
    expect(checkDeflate(extensions('other'), extensions(''), zlib)).toEqual({ ok: true, agreement: undefined });
  });

  test.each<[offered: string, answered: string, Partial<DeflateAgreement>]>([
    ['', '', {}],
    ['', '; server_no_context_takeover', { serverNoContextTakeover: true }],
    ['; server_no_context_takeover', '; server_no_context_takeover', { serverNoContextTakeover: true }],
    ['', '; client_no_context_takeover', { clientNoContextTakeover: true }],
    ['; client_no_context_takeover', '', { clientNoContextTakeover: true }],
    ['', '; server_max_window_bits=8', { serverMaxWindowBits: 8 }],
    ['; server_max_window_bits=10', '; server_max_window_bits=10', { serverMaxWindowBits: 10 }],
    ['; server_max_window_bits=10', '; server_max_window_bits="9"', { serverMaxWindowBits: 9 }],
    ['; client_max_window_bits', '', {}],
    ['; client_max_window_bits', '; client_max_window_bits=9', { clientMaxWindowBits: 9 }],
    ['; client_max_window_bits=11', '', { clientMaxWindowBits: 11 }],
    ['; client_max_window_bits=11', '; client_max_window_bits=10', { clientMaxWindowBits: 10 }],
    ['; client_max_window_bits=11', '; client_max_window_bits=15', { clientMaxWindowBits: 11 }],
    ['; server_max_window_bits=10, ', '', {}],
    ['; unknown, ; client_max_window_bits', '; client_max_window_bits=10', { clientMaxWindowBits: 10 }],
  ])('to the offer %j accepts the answer %j', (offered, answered, agreement) => {
    expect(check(offered, answered)).toEqual({ ok: true, agreement: { ...plain, ...agreement } });
  });

  test.each<[HandshakeFailureCode, offered: string, answered: string]>([
    ['EXTENSION_NOT_OFFERED', '-', ''],
    ['EXTENSION_NOT_OFFERED', 'other', ''],
    ['EXTENSION_NOT_OFFERED', '; unknown', ''],
    ['EXTENSION_REPEATED', ', ', ', '],
    ['EXTENSION_REPEATED', '', ', other, '],
    ['DEFLATE_PARAMETERS', '', '; unknown'],
    ['DEFLATE_PARAMETERS', '', '; server_no_context_takeover=1'],
    ['DEFLATE_PARAMETERS', '', '; server_no_context_takeover; server_no_context_takeover'],
    ['DEFLATE_PARAMETERS', '; client_max_window_bits', '; client_max_window_bits'],
    ['DEFLATE_PARAMETERS', '; server_max_window_bits=10', '; server_max_window_bits'],
    ['DEFLATE_CONTEXT_TAKEOVER', '; server_no_context_takeover', ''],
    [
      'DEFLATE_CONTEXT_TAKEOVER',
      '; server_no_context_takeover, ; server_max_window_bits=9',
      '; client_no_context_takeover',
    ],
    ['DEFLATE_SERVER_WINDOW', '; server_max_window_bits=10', ''],
    ['DEFLATE_SERVER_WINDOW', '; server_max_window_bits=10', '; server_max_window_bits=11'],
    ['DEFLATE_CLIENT_WINDOW', '', '; client_max_window_bits=15'],
    ['DEFLATE_WINDOW_UNSUPPORTED', '; client_max_window_bits', '; client_max_window_bits=8'],
  ])('fails with %s: offered %j, answered %j', (code, offered, answered) => {
    expect(check(offered, answered)).toEqual({ ok: false, code, message: handshakeFailures[code] });
  });

  test.each(badBits.filter((bits) => /^[^ ٩]+$/.test(bits)))('fails over window bits of %s', (bits) => {
    const offered = '; server_max_window_bits=15; client_max_window_bits';
    expect(check(offered, `; server_max_window_bits=${bits}`)).toMatchObject({ code: 'DEFLATE_PARAMETERS' });
    expect(check(offered, `; client_max_window_bits="${bits}"`)).toMatchObject({ code: 'DEFLATE_PARAMETERS' });
  });

  test('lets a server set 8 bits where the codec can', () => {
    expect(check('; client_max_window_bits', '; client_max_window_bits=8', able)).toMatchObject({ ok: true });
  });
});

const flag = fc.option(fc.boolean(), { nil: undefined });
const bits = (min: number) => fc.option(fc.integer({ min, max: 15 }), { nil: undefined });
const offer = fc.record({
  serverNoContextTakeover: flag,
  clientNoContextTakeover: flag,
  serverMaxWindowBits: bits(8),
  clientMaxWindowBits: fc.oneof(bits(9), fc.constant(true as const)),
});
const preference = fc.record({
  serverNoContextTakeover: flag,
  clientNoContextTakeover: flag,
  serverMaxWindowBits: bits(9),
  clientMaxWindowBits: bits(9),
});

test('whatever a client offers and a server prefers, both come to the same agreement or to none', () => {
  fc.assert(
    fc.property(fc.array(offer), preference, (offers, preferred) => {
      const offered = offerDeflate(offers, zlib);
      const received = parseExtensions(serializeExtensions(offered)) ?? [];
      expect(received).toEqual(offered);
      const accepted = acceptDeflate(received, preferred, zlib);
      const result = checkDeflate(accepted === undefined ? [] : [accepted.response], offered, zlib);
      expect(result.ok).toBe(true);
      if (offers.length <= 1) expect(result).toEqual({ ok: true, agreement: accepted?.agreement });
    }),
    { seed: 7692, numRuns: 2000 },
  );
});

test('no parameters make either side throw', () => {
  const names = [
    'server_no_context_takeover',
    'client_no_context_takeover',
    'server_max_window_bits',
    'client_max_window_bits',
  ];
  const name = fc.oneof(fc.constantFrom(...names), fc.string());
  const value = fc.option(fc.oneof(fc.string(), fc.integer().map(String)), { nil: undefined });
  const extension = fc.record({
    name: fc.oneof(fc.constant('permessage-deflate'), fc.string()),
    parameters: fc.array(fc.record({ name, value }), { maxLength: 4 }),
  });
  fc.assert(
    fc.property(fc.array(extension), fc.array(extension), (one, other) => {
      acceptDeflate(one, {}, zlib);
      checkDeflate(one, other, zlib);
    }),
    { seed: 7692, numRuns: 2000 },
  );
});
