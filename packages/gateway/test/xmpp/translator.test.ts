import type { Translator } from '@tidewire/gateway';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CLOSE, OPEN } from './support.ts';
import { element, HEADER, meaning, opened, STREAM, translator } from './translator-support.ts';

// The translator alone. What goes in and what comes out are compared as what a parser makes of them; fast-check prints the seed of
// what fails.

const cuts = fc.array(fc.nat({ max: 60 }), { maxLength: 40 });

/** Gives the server's bytes in pieces, cut anywhere. */
function inPieces(it: Translator, text: string, sizes: readonly number[]): void {
  let bytes = Buffer.from(text);
  for (const size of sizes) {
    it.fromServer(bytes.subarray(0, size));
    bytes = bytes.subarray(size);
  }
  it.fromServer(bytes);
}

describe('what the server sends', () => {
  test('comes in a message for each element that means the same by itself, wherever TCP has cut it', () => {
    fc.assert(
      fc.property(
        fc.array(element, { maxLength: 4 }),
        cuts,
        fc.constantFrom('', ' ', '\r\n\t'),
        (elements, sizes, space) => {
          const { sides, it } = opened();
          const stream = elements.map((each) => space + each).join('');
          inPieces(it, stream + space, sizes);
          expect(sides.closed).toBeUndefined();
          expect(sides.messages).toHaveLength(elements.length);
          const alone = sides.messages.flatMap((message) => meaning(String(message), 0));
          expect(alone).toEqual(meaning(`<r ${STREAM}>${stream}</r>`, 1));
        },
      ),
      { numRuns: 400 },
    );
  });

  test('has the language of the stream, if it is a stanza and has none of its own', () => {
    const { sides, it } = opened({}, HEADER.replace(' id=', " xml:lang='de-&quot;' id="));
    it.fromServer(Buffer.from('<iq/><iq xml:lang="fr"/><a xmlns="urn:a"/>'));
    expect(sides.messages).toEqual([
      '<iq xmlns="jabber:client" xml:lang="de-&quot;"/>',
      '<iq xmlns="jabber:client" xml:lang="fr"/>',
      '<a xmlns="urn:a"/>',
    ]);
  });

  test('is an <open/> and a <close/> where its stream begins and ends, and nothing where there is whitespace', () => {
    fc.assert(
      fc.property(cuts, (sizes) => {
        const { sides, it } = translator();
        it.fromClient(OPEN);
        inPieces(it, `\n${HEADER} \n <stream:features/>  </stream:stream> `, sizes);
        expect(sides.messages).toEqual([
          '<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" from="localhost" id="1" version="1.0"/>',
          '<stream:features xmlns:stream="http://etherx.jabber.org/streams"/>',
          CLOSE,
        ]);
      }),
    );
  });

  test('has no STARTTLS and no compression among its features', () => {
    const { sides, it } = opened();
    const bind = '<bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/>';
    const starttls = '<starttls xmlns="urn:ietf:params:xml:ns:xmpp-tls"><required/></starttls>';
    const compression = '<compression xmlns="http://jabber.org/features/compress"><method>zlib</method></compression>';
    it.fromServer(Buffer.from(`<stream:features>${starttls}${bind}<a xmlns="urn:a"/>${compression}</stream:features>`));
    expect(sides.messages).toEqual([
      `<stream:features xmlns:stream="http://etherx.jabber.org/streams">${bind}<a xmlns="urn:a"/></stream:features>`,
    ]);
  });

  test.each<[what: string, bytes: string | readonly number[], condition: string]>([
    ['an element that never ends', `<message>${'x'.repeat(1_000_001)}`, 'policy-violation'],
    ['a start tag that never ends', `<message a="${'x'.repeat(1_000_001)}`, 'policy-violation'],
    ['a comment', '<!-- -->', 'internal-server-error'],
    ['an entity', '<message>&bomb;</message>', 'internal-server-error'],
    ['text between elements', 'text<message/>', 'internal-server-error'],
    ['bytes that are no UTF-8', [0x3c, 0x61, 0xff], 'internal-server-error'],
    ['tags that do not match', '<message></iq>', 'internal-server-error'],
  ])('ends both streams if it is %s', (_what, bytes, condition) => {
    const { sides, it } = opened();
    it.fromServer(Buffer.from(bytes));
    expect(sides.messages).toEqual([expect.stringContaining(`<${condition} `), CLOSE]);
    expect(sides.closed).toEqual([1011, condition]);
    expect(sides.bytes).toBe('</stream:stream>');
  });

  test('may be anything: it does not throw, and says no more than it has to when it is over', () => {
    const piece = fc.oneof(
      element,
      fc.constantFrom('<', '>', '</', '/>', '<?xml?>', '<!DOCTYPE a [', ']]>', '&', '</stream:stream>', HEADER),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), cuts, (pieces, sizes) => {
        const { sides, it } = opened();
        inPieces(it, pieces.join(''), sizes);
        it.serverEnded();
        expect(sides.closed).toBeDefined();
        const count = sides.messages.length;
        it.fromServer(Buffer.from('<iq/>'));
        expect(sides.messages).toHaveLength(count);
        for (const message of sides.messages) expect(meaning(String(message), 0)).toHaveLength(1);
      }),
      { numRuns: 300 },
    );
  });

  test('takes a time that grows with its size alone, however small the pieces are', () => {
    const { sides, it } = opened();
    const body = `<message a="${'&amp;'.repeat(40_000)}"><body>${'🙂<b/>'.repeat(40_000)}</body></message>`;
    const bytes = Buffer.from(body);
    const before = performance.now();
    for (let at = 0; at < bytes.length; at += 7) it.fromServer(bytes.subarray(at, at + 7));
    expect(performance.now() - before).toBeLessThan(10_000);
    expect(sides.messages).toEqual([body.replace('<message', '<message xmlns="jabber:client"')]);
  });
});

describe('what the client sends', () => {
  test('goes on as it is, if it is an element of a namespace, and means the same in the stream', () => {
    fc.assert(
      fc.property(element, (inner) => {
        const { sides, it } = opened();
        const message = `<w:w xmlns:w="urn:w" ${STREAM.replace('jabber:client', 'urn:default')}>${inner}</w:w>`;
        it.fromClient(message);
        expect(sides.closed).toBeUndefined();
        expect(sides.bytes).toBe(message);
        expect(meaning(`<r ${STREAM}>${sides.bytes}</r>`, 1)).toEqual(meaning(message, 0));
      }),
      { numRuns: 300 },
    );
  });

  test('is one element for the server, or the end of the stream, whatever it is', () => {
    const piece = fc.oneof(
      element,
      fc.constantFrom(
        '<',
        '>',
        '</stream:stream>',
        '<?xml version="1.0"?>',
        '<!-- -->',
        CLOSE,
        OPEN,
        ' ',
        '<a xmlns="b"/>',
        '<!DOCTYPE a>',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 3 }), (pieces) => {
        const { sides, it } = opened();
        it.fromClient(pieces.join(''));
        const isEnd = sides.bytes === '</stream:stream>';
        if (!isEnd) expect(meaning(`<r ${STREAM}>${sides.bytes}</r>`, 1)).toHaveLength(1);
        const isClose = /^(<\?xml version="1.0"\?>\s*)?<close [^>]*>\s*$/.test(pieces.join(''));
        expect(sides.closed !== undefined || isClose).toBe(isEnd);
      }),
      { numRuns: 400 },
    );
  });

  test('begins a stream with what it has said of it, escaped', () => {
    const { sides, it } = translator();
    it.fromClient(
      `<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" id="mine" to='a"&lt;&#10;b' from="é@x" xml:lang="de" version="1.0" other="x"/>`,
    );
    expect(sides.bytes).toBe(
      '<?xml version="1.0"?><stream:stream xmlns="jabber:client" xmlns:stream="http://etherx.jabber.org/streams"' +
        ' from="é@x" to="a&quot;&lt;&#10;b" version="1.0" xml:lang="de">',
    );
  });

  test('may come before the stream is open, up to a limit', () => {
    const { sides, it } = translator({ encryption: 'offered' });
    it.fromClient(OPEN);
    const iq = `<iq xmlns="jabber:client">${'x'.repeat(60_000)}</iq>`;
    it.fromClient(iq);
    expect(sides.closed).toBeUndefined();
    it.fromClient(iq);
    expect(sides.closed).toEqual([1008, 'policy-violation']);
  });
});

describe('an end', () => {
  test('of the WebSocket alone leaves the stream open, so that it can be resumed', () => {
    const { sides, it } = opened();
    it.clientGone?.();
    expect(sides.bytes).toBe('');
  });

  test('of the connection alone is no end of the stream', () => {
    const { sides, it } = opened();
    it.serverEnded();
    expect(sides.messages).toEqual([]);
    expect(sides.closed).toEqual([1011, expect.stringContaining('not the stream')]);
  });

  test('of the stream by the server waits for the answer of the client, or for that of the connection', () => {
    for (const end of ['client', 'server'] as const) {
      const { sides, it } = opened();
      it.fromServer(Buffer.from('</stream:stream>'));
      expect(sides.messages).toEqual([CLOSE]);
      expect(sides.closed).toBeUndefined();
      if (end === 'client') it.fromClient(CLOSE);
      else it.serverEnded();
      expect(sides.closed).toEqual([1000, '']);
      expect(sides.bytes).toBe(end === 'client' ? '</stream:stream>' : '');
    }
  });
});
