import { type Element, xml } from '@xmpp/client';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { ProsodyServer } from '../../../../test/servers/prosody.ts';
import { Client, startGateway } from '../support.ts';
import { type Connected, Reader, xmppClient, xmppTarget } from './support.ts';

const path = inject('prosody');
const accounts = { alice: 'secret of alice', bob: 'secret of bob' };
let prosody: ProsodyServer;

beforeAll(async () => {
  if (path !== '') prosody = await ProsodyServer.start(path, { host: 'localhost', accounts });
});

afterAll(() => prosody?.close());

const isMessage = (stanza: Element) => stanza.is('message');

/** Alice over the gateway, and Bob beside it over TCP. */
async function two(): Promise<{ alice: Connected; bob: Connected; events: readonly string[] }> {
  const { url, events } = await startGateway([xmppTarget(prosody.port)]);
  const alice = xmppClient(`${url}/xmpp`, 'alice', accounts.alice);
  const bob = xmppClient(`xmpp://127.0.0.1:${prosody.port}`, 'bob', accounts.bob);
  await Promise.all([alice.xmpp.start(), bob.xmpp.start()]);
  await Promise.all([alice.xmpp.send(xml('presence')), bob.xmpp.send(xml('presence'))]);
  // Their own presence comes back when the server has it.
  await Promise.all([alice.stanza((each) => each.is('presence')), bob.stanza((each) => each.is('presence'))]);
  return { alice, bob, events };
}

describe.skipIf(path === '')('@xmpp/client to Prosody', () => {
  test('talks to somebody on TCP, both ways, in any script', async () => {
    const { alice, bob, events } = await two();
    const text = 'Grüße, 世界 👩‍👩‍👧 <&>"\' ]]\u{10ffff}';
    await alice.xmpp.send(xml('message', { to: 'bob@localhost', type: 'chat' }, xml('body', {}, text)));
    const received = await bob.stanza(isMessage);
    expect(received.getChildText('body')).toBe(text);
    await bob.xmpp.send(xml('message', { to: received.attrs.from ?? '', type: 'chat' }, xml('body', {}, `${text}!`)));
    expect((await alice.stanza(isMessage)).getChildText('body')).toBe(`${text}!`);
    expect(events).toContain('opened xmpp xmpp');
  });

  test('keeps the order of many, and gets a stanza whole that is larger than a read of TCP', async () => {
    const { alice, bob } = await two();
    // What the client itself reads from TCP, it cuts into characters wrongly.
    for (const [from, to, name, piece] of [
      [bob, alice, 'alice', '🙂é<&'],
      [alice, bob, 'bob', 'abc<&'],
    ] as const) {
      const large = piece.repeat(12_000);
      const bodies = [...Array.from({ length: 300 }, (_, index) => `number ${index}`), large, 'last'];
      for (const body of bodies) {
        await from.xmpp.send(xml('message', { to: `${name}@localhost`, type: 'chat' }, xml('body', {}, body)));
      }
      const received: (string | null)[] = [];
      while (received.length < bodies.length) received.push((await to.stanza(isMessage)).getChildText('body'));
      expect(received.map((body, index) => body === bodies[index])).not.toContain(false);
    }
  });

  test('asks and is answered', async () => {
    const { alice } = await two();
    const query = xml(
      'iq',
      { type: 'get', to: 'localhost' },
      xml('query', { xmlns: 'http://jabber.org/protocol/disco#info' }),
    );
    const answer = await alice.xmpp.iqCaller.request(query);
    expect(answer.getChild('query')?.getChild('identity')?.attrs).toMatchObject({ category: 'server', type: 'im' });
  });

  test('is told that its password is wrong', async () => {
    const { url } = await startGateway([xmppTarget(prosody.port)]);
    const { xmpp } = xmppClient(`${url}/xmpp`, 'alice', 'wrong');
    await expect(xmpp.start()).rejects.toMatchObject({ name: 'SASLError', condition: 'not-authorized' });
  });

  test('says goodbye, so that the stream is closed on both sides and everybody sees it leave', async () => {
    const { url, told } = await startGateway([xmppTarget(prosody.port)]);
    const { xmpp } = xmppClient(`${url}/xmpp`, 'alice', accounts.alice);
    await xmpp.start();
    await xmpp.stop();
    // Whichever of the two Close frames was first: this client gives no code.
    expect(await told(/^closed xmpp/)).toMatch(/^closed xmpp (1000|1005) $/);
  });

  test('resumes its session over another WebSocket, and gets what came meanwhile', async () => {
    const { alice, bob } = await two();
    const resumed = new Promise((resolve) => alice.xmpp.streamManagement.on('resumed', resolve));
    expect(alice.xmpp.streamManagement.enabled).toBe(true);
    alice.xmpp.reconnect.delay = 300;
    // Without closing the stream.
    alice.xmpp.socket?.end();
    await new Promise<void>((resolve) => alice.xmpp.on('disconnect', resolve));
    await bob.xmpp.send(
      xml('message', { to: 'alice@localhost', type: 'chat' }, xml('body', {}, 'while you were away')),
    );
    await resumed;
    expect((await alice.stanza(isMessage)).getChildText('body')).toBe('while you were away');
  });
});

describe.skipIf(path === '')('Prosody', () => {
  test('that ends says so, and its clients are back when it is', async () => {
    const own = await ProsodyServer.start(path, { host: 'localhost', accounts });
    onTestFinished(() => own.close());
    const { url, told } = await startGateway([xmppTarget(own.port)]);
    const { xmpp, errors } = xmppClient(`${url}/xmpp`, 'alice', accounts.alice);
    xmpp.reconnect.delay = 200;
    const raw = await Reader.open(url);
    await raw.bind('bob', accounts.bob);
    await xmpp.start();
    await own.kill('SIGTERM');
    expect(await raw.next()).toMatch(/^<stream:error .*<system-shutdown /);
    expect(await raw.next()).toBe('<close xmlns="urn:ietf:params:xml:ns:xmpp-framing"/>');
    expect(await raw.client.closed).toEqual({ code: 1000, reason: '' });
    await told('refused xmpp 502 CONNECT_FAILED');
    const back = new Promise<void>((resolve) => xmpp.on('online', () => resolve()));
    await own.start();
    await back;
    expect(errors.map(String).join('\n')).toContain('system-shutdown');
  });

  test('that is killed closes its clients with 1011', async () => {
    const own = await ProsodyServer.start(path, { host: 'localhost', accounts });
    onTestFinished(() => own.close());
    const { url } = await startGateway([xmppTarget(own.port)]);
    const raw = await Client.open(`${url}/xmpp`, ['xmpp']);
    await new Reader(raw).begin();
    await own.kill();
    expect(await raw.closed).toMatchObject({ code: 1011, reason: expect.stringContaining('The server has') });
  });
});
