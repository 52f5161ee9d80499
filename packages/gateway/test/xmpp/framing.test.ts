import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { ProsodyServer } from '../../../../test/servers/prosody.ts';
import { refusal, startGateway } from '../support.ts';
import { CLOSE, FRAMING, OPEN, Reader, xmppTarget } from './support.ts';

// The rules of RFC 7395, message by message, with a Prosody behind.

const path = inject('prosody');
const accounts = { alice: 'secret' };
const TO_HERSELF = '<message xmlns="jabber:client" to="alice@localhost" type="chat"><body>me</body></message>';
let prosody: ProsodyServer;
let url: string;
let told: (event: string | RegExp) => Promise<string>;

beforeAll(async () => {
  if (path !== '') prosody = await ProsodyServer.start(path, { host: 'localhost', accounts });
});

afterAll(() => prosody?.close());

beforeEach(async () => {
  if (path !== '') ({ url, told } = await startGateway([xmppTarget(prosody.port)]));
});

/** What comes after a stream error that the gateway finds. */
async function isRefused(reader: Reader, condition: string): Promise<void> {
  expect(await reader.next()).toMatch(
    new RegExp(`^<stream:error xmlns:stream="http://etherx.jabber.org/streams"><${condition} xmlns="`),
  );
  expect(await reader.next()).toBe(CLOSE);
  expect(await reader.client.closed).toEqual({ code: 1008, reason: condition });
}

describe.skipIf(path === '')('RFC 7395', () => {
  test('3.1: the subprotocol is xmpp, and nobody is let in without', async () => {
    expect((await Reader.open(url)).client.socket.protocol).toBe('xmpp');
    for (const other of [[], ['binary']]) expect(await refusal(`${url}/xmpp`, other)).toMatchObject({ status: 400 });
  });

  test('3.2: a binary message closes with 1003', async () => {
    const reader = await Reader.open(url);
    reader.client.socket.send(Buffer.from(OPEN));
    expect(await reader.client.closed).toEqual({ code: 1003, reason: 'XMPP is text' });
  });

  test('3.3.2: a stream that begins in another namespace gets an <open/> and invalid-namespace', async () => {
    for (const wrong of [
      '<open xmlns="jabber:client" to="localhost" version="1.0"/>',
      '<stream:stream xmlns="jabber:client" xmlns:stream="http://etherx.jabber.org/streams" to="localhost"/>',
    ]) {
      const reader = await Reader.open(url);
      reader.send(wrong);
      expect(await reader.next()).toMatch(
        /^<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" id="[^"]{20,}" version="1.0"/,
      );
      await isRefused(reader, 'invalid-namespace');
    }
  });

  test.each<[what: string, message: string, condition: string]>([
    ['two elements', `${TO_HERSELF}${TO_HERSELF}`, 'not-well-formed'],
    ['half an element', TO_HERSELF.slice(0, -3), 'not-well-formed'],
    ['the end of the stream of the server', '</stream:stream>', 'not-well-formed'],
    ['text', 'Hello', 'not-well-formed'],
    ['nothing', '', 'not-well-formed'],
    ['whitespace before the element', ` ${TO_HERSELF}`, 'not-well-formed'],
    ['text behind the element', `${TO_HERSELF}x`, 'not-well-formed'],
    ['a prefix that is not declared', '<stream:error/>', 'not-well-formed'],
    ['a comment', '<message xmlns="jabber:client"><!-- x --></message>', 'restricted-xml'],
    ['a processing instruction', '<message xmlns="jabber:client"><?x y?></message>', 'restricted-xml'],
    ['a DTD', '<!DOCTYPE m [<!ENTITY a "aaaa">]><message xmlns="jabber:client">&a;</message>', 'restricted-xml'],
    ['an entity', '<message xmlns="jabber:client">&nbsp;</message>', 'restricted-xml'],
    ['another encoding', `<?xml version="1.0" encoding="ISO-8859-1"?>${TO_HERSELF}`, 'unsupported-encoding'],
    ['no namespace', '<message to="alice@localhost"/>', 'invalid-namespace'],
    ['a second <open/>', OPEN, 'bad-format'],
    ['another element of framing', `<resume xmlns="${FRAMING}"/>`, 'bad-format'],
    ['STARTTLS', '<starttls xmlns="urn:ietf:params:xml:ns:xmpp-tls"/>', 'policy-violation'],
    ['compression', '<compress xmlns="http://jabber.org/protocol/compress"/>', 'policy-violation'],
    ['more than 256 KiB', `<message xmlns="jabber:client">${'x'.repeat(256 * 1024)}</message>`, 'policy-violation'],
    ['too many in one another', `<m xmlns="a">${'<m>'.repeat(128)}${'</m>'.repeat(128)}</m>`, 'policy-violation'],
  ])('3.3.3: a message is one element that stands alone, and not %s', async (_what, message, condition) => {
    const reader = await Reader.open(url);
    await reader.begin();
    reader.send(message);
    await isRefused(reader, condition);
    await told(`closed xmpp 1008 ${condition}`);
  });

  test('3.3.3: an XML declaration is taken, and does not go on', async () => {
    const reader = await Reader.open(url);
    await reader.begin(`<?xml version="1.0" encoding="utf-8"?>${OPEN}`);
    reader.send(CLOSE);
    expect(await reader.next()).toBe(CLOSE);
  });

  test('3.3.3: what comes has the namespaces and the language of the stream', async () => {
    const reader = await Reader.open(url);
    const address = await reader.bind('alice', accounts.alice);
    reader.send(`<message xmlns="jabber:client" to="${address}" type="chat"><body>me</body></message>`);
    const message = await reader.next();
    expect(message).toContain('xmlns="jabber:client"');
    expect(message).toMatch(/xml:lang=["']en["']/);
    const features = '<stream:features xmlns:stream="http://etherx.jabber.org/streams">';
    expect((await (await Reader.open(url)).begin())[1]).toContain(features);
  });

  test('3.4: <open/> is answered by one with the attributes of RFC 6120, and features behind it', async () => {
    const [open, features] = await (await Reader.open(url)).begin(
      `<open xmlns="${FRAMING}" to="localhost" from="alice@localhost" xml:lang="de" version="1.0"/>`,
    );
    expect(open).toMatch(
      /^<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" from="localhost"( to="[^"]+")? id="[^"]+" version="1.0" xml:lang="en"\/>$/,
    );
    expect(features).toContain('<mechanism>SCRAM-SHA-1</mechanism>');
  });

  test('3.4: the first message must be <open/>', async () => {
    const reader = await Reader.open(url);
    reader.send(TO_HERSELF);
    expect(await reader.next()).toMatch(/^<open /);
    await isRefused(reader, 'bad-format');
  });

  test('3.5: an error of the server while the stream opens comes behind its <open/>', async () => {
    const reader = await Reader.open(url);
    const [open, error] = await reader.begin(OPEN.replace('localhost', 'elsewhere.test'));
    expect(open).toMatch(/^<open /);
    expect(error).toMatch(/^<stream:error xmlns:stream="http:\/\/etherx.jabber.org\/streams"><host-unknown /);
    expect(await reader.next()).toBe(CLOSE);
  });

  test('3.6: <close/> is answered by <close/>, and both ends with 1000', async () => {
    const reader = await Reader.open(url);
    await reader.bind('alice', accounts.alice);
    reader.send(CLOSE);
    expect(await reader.next()).toBe(CLOSE);
    expect(await reader.client.closed).toEqual({ code: 1000, reason: '' });
    expect(await told(/^closed/)).toBe('closed xmpp 1000 ');
  });

  test('3.6: nothing that a client sends behind its <close/> goes on, and one without a stream is answered, too', async () => {
    const reader = await Reader.open(url);
    await reader.begin();
    reader.send(CLOSE, 'no XML at all');
    expect(await reader.next()).toBe(CLOSE);
    expect(await reader.client.closed).toMatchObject({ code: 1000 });
    const early = await Reader.open(url);
    early.send(CLOSE);
    expect(await early.next()).toBe(CLOSE);
    expect(await early.client.closed).toMatchObject({ code: 1000 });
  });

  test('3.7: after a login the stream is opened anew, without <close/>, and nothing else is taken', async () => {
    const reader = await Reader.open(url);
    expect(await reader.logIn('alice', accounts.alice)).toContain('urn:ietf:params:xml:ns:xmpp-bind');
    const impatient = await Reader.open(url);
    await impatient.begin();
    const response = Buffer.from('\0alice\0secret').toString('base64');
    impatient.send(`<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="PLAIN">${response}</auth>`);
    expect(await impatient.next()).toMatch(/^<success /);
    impatient.send(TO_HERSELF);
    expect(await impatient.next()).toMatch(/^<open /);
    await isRefused(impatient, 'bad-format');
  });

  test('a wrong password is said to be one, and the stream goes on', async () => {
    const reader = await Reader.open(url);
    await expect(reader.logIn('alice', 'wrong')).rejects.toThrow('<not-authorized/>');
    reader.send(CLOSE);
    expect(await reader.next()).toBe(CLOSE);
  });
});
