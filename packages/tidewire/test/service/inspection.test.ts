import type { InspectorMessage, Order } from '@tidewire/inspector/recording';
import type { ServiceOptions } from 'tidewire';
import { describe, expect, test } from 'vitest';
import { Peer } from '../support.ts';
import { cookieOf, KEY, serve } from './console/support.ts';

const keys = [
  { name: 'all', key: KEY },
  { name: 'looker', key: 'a-key-of-who-may-look', operations: ['inspect'] },
  { name: 'teller', key: 'a-key-of-who-publishes', operations: ['publish'] },
  { name: 'some', key: 'a-key-for-some-channels', namespaces: ['news'] },
];

/** A service with an inspector, and a page that looks on. */
async function inspected(options: ServiceOptions = {}, key = KEY) {
  const served = await serve({ api: { keys }, inspector: {}, ...options });
  const { host, origin, logIn } = served;
  const open = async () => {
    const cookie = cookieOf(await logIn(key));
    return Peer.open(`ws://${host}/console/inspector/socket`, [], { origin, headers: { Cookie: cookie } });
  };
  return { ...served, open };
}

/** A page: what it was told, and what it asks for. */
class Page {
  readonly #peer: Peer;
  #order = 0;

  constructor(peer: Peer) {
    this.#peer = peer;
  }

  async hears<T extends InspectorMessage['type']>(type: T): Promise<Extract<InspectorMessage, { type: T }>> {
    for (;;) {
      const message: InspectorMessage = JSON.parse(String(await this.#peer.next()));
      if (isOf(message, type)) return message;
    }
  }

  ask(order: Order): void {
    this.#order += 1;
    this.#peer.socket.send(JSON.stringify({ ...order, order: this.#order }));
  }
}

function isOf<T extends InspectorMessage['type']>(
  message: InspectorMessage,
  type: T,
): message is Extract<InspectorMessage, { type: T }> {
  return message.type === type;
}

/** Sends a message to the echo and waits for it. */
async function echo(host: string, text: string, path = '/echo', options = {}): Promise<void> {
  const peer = await Peer.open(`ws://${host}${path}`, [], options);
  peer.socket.send(text);
  expect(await peer.next()).toBe(text);
  peer.socket.close(1000);
  await peer.closed;
}

describe('the inspector of a service', () => {
  test('shows its own WebSockets to who has logged in, with secrets masked, but not its own', async () => {
    const { host, open } = await inspected();
    const page = new Page(await open());
    expect(await page.hears('hello')).toMatchObject({ masks: true, keeps: { bytes: 64 * 1024 * 1024 } });
    page.ask({ type: 'watch' });
    await echo(host, '{"token":"abc"}', '/echo?token=def');
    await echo(host, 'over a tunnel', '/echo', { transports: ['stream'] });
    const texts: unknown[] = [];
    const sources = new Set<string>();
    let url = '';
    while (texts.length < 4) {
      const { connections, messages } = await page.hears('news');
      for (const each of connections) sources.add(each.source);
      url ||= connections[0]?.url ?? '';
      texts.push(...messages.filter(({ opcode }) => opcode === 1).map(({ data }) => data));
    }
    const masked = '{"token":"•••• (masked)"}';
    expect(texts).toEqual([masked, masked, 'over a tunnel', 'over a tunnel']);
    expect(url).toBe(`ws://${host}/echo?token=••••`);
    expect([...sources]).toEqual(['/echo']);
  });

  test('shows what goes to the hub, and changes it by rules', async () => {
    const { host, open } = await inspected({ inspector: { masks: false } });
    const page = new Page(await open());
    page.ask({ type: 'watch' });
    const match = { direction: 'toServer', text: 'secret' } as const;
    page.ask({ type: 'rules', rules: [{ id: 1, match, action: { type: 'drop' }, isOn: true }] });
    await page.hears('done');
    const client = await Peer.open(`ws://${host}/connection/websocket`, ['centrifuge-json']);
    client.socket.send('{"id":1,"connect":{"data":"secret"}}');
    client.socket.send('{"id":2,"connect":{}}');
    expect(String(await client.next())).toMatch(/^\{"id":2,"connect":/);
    const seen: unknown[] = [];
    while (seen.length < 3) for (const { data, fate } of (await page.hears('news')).messages) seen.push([data, fate]);
    expect(seen.slice(0, 2)).toEqual([
      ['{"id":1,"connect":{"data":"secret"}}', 'dropped'],
      ['{"id":2,"connect":{}}', 'forwarded'],
    ]);
  });

  test('records when it is told to, from then on', async () => {
    const { host, open } = await inspected({ inspector: { record: false } });
    const page = new Page(await open());
    expect(await page.hears('state')).toMatchObject({ isRecording: false });
    page.ask({ type: 'watch' });
    await echo(host, 'before');
    page.ask({ type: 'record', isOn: true });
    expect(await page.hears('state')).toMatchObject({ isRecording: true });
    await echo(host, 'after');
    const { connections } = await page.hears('news');
    expect(connections).toHaveLength(1);
  });

  test('is for keys that may inspect, and for nobody else', async () => {
    const looker = await inspected({}, 'a-key-of-who-may-look');
    await looker.open();
    for (const key of ['a-key-of-who-publishes', 'a-key-for-some-channels']) {
      const { open } = await inspected({}, key);
      await expect(open()).rejects.toThrow(/401/);
    }
    const { host, origin } = looker;
    const url = `ws://${host}/console/inspector/socket`;
    await expect(Peer.open(url, [], { origin })).rejects.toThrow(/401/);
    const cookie = cookieOf(await looker.logIn('a-key-of-who-may-look'));
    const foreign = { origin: 'https://example.com', headers: { Cookie: cookie } };
    await expect(Peer.open(url, [], foreign)).rejects.toThrow(/403|401/);
  });

  test('is one of the pages if it is there, and is not there unless asked for', async () => {
    const { about } = await inspected();
    expect((await about()).pages).toContain('inspector');
    expect((await about()).needLogin).toContain('inspector');
    const without = await serve();
    expect((await without.about()).pages).not.toContain('inspector');
    const cookie = cookieOf(await without.logIn());
    const url = `ws://${without.host}/console/inspector/socket`;
    const opening = Peer.open(url, [], { origin: without.origin, headers: { Cookie: cookie } });
    await expect(opening).rejects.toThrow(/404/);
    const hidden = await serve({ inspector: {}, console: false });
    await expect(Peer.open(`ws://${hidden.host}/console/inspector/socket`)).rejects.toThrow(/404/);
  });
});
