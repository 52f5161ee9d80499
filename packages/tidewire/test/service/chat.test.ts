import {
  type ClientImage,
  type ClientText,
  chatLimits,
  decodeServerMessage,
  encodeClientMessage,
  type ServerMessage,
} from '@tidewire/console/chat-messages';
import { type Service, type ServiceOptions, startService } from 'tidewire';
import { afterEach, describe, expect, test } from 'vitest';
import { clientFrame, Peer, rawWebSocket } from '../support.ts';

let service: Service | undefined;

afterEach(() => service?.stop());

/** What came is checked as the chat page checks it. */
class Client {
  readonly peer: Peer;

  constructor(peer: Peer) {
    this.peer = peer;
  }

  send(message: ClientText | ClientImage): void {
    this.peer.socket.send(encodeClientMessage(message));
  }

  async next(): Promise<ServerMessage> {
    const decoded = decodeServerMessage(await this.peer.next());
    if (!decoded.ok) throw new Error(decoded.error);
    return decoded.message;
  }

  async join(name: string): Promise<Extract<ServerMessage, { type: 'welcome' }>> {
    this.send({ type: 'join', name });
    const welcome = await this.next();
    if (welcome.type !== 'welcome') throw new Error(`${welcome.type} in place of welcome`);
    return welcome;
  }
}

/** Starts a chat, and opens two connections to it. */
async function two(options: ServiceOptions = {}): Promise<[Client, Client]> {
  service = await startService({ port: 0, ...options });
  const url = service.urls.endpoints.chat ?? '';
  return [new Client(await Peer.open(url)), new Client(await Peer.open(url))];
}

describe('the chat', () => {
  test('welcomes who joins, tells the others, and brings what is said to all', async () => {
    const [ann, ben] = await two();
    const hers = await ann.join('Ann');
    expect(hers).toEqual({
      type: 'welcome',
      you: { id: expect.any(String), name: 'Ann' },
      members: [hers.you],
      limits: { text: chatLimits.text, image: 2 * 1024 * 1024 },
    });
    const his = await ben.join('  Ben ');
    expect(his.you.name).toBe('Ben');
    expect(his.members).toEqual([hers.you, his.you]);
    expect(await ann.next()).toEqual({ type: 'joined', member: his.you, at: expect.any(Number) });

    ben.send({ type: 'say', text: 'Hello <b>Ann</b> 🌊' });
    for (const client of [ann, ben]) {
      expect(await client.next()).toEqual({
        type: 'said',
        from: his.you,
        text: 'Hello <b>Ann</b> 🌊',
        at: expect.any(Number),
      });
    }

    ben.send({ type: 'rename', name: 'Ann' });
    const renamed = { type: 'renamed', member: { id: his.you.id, name: 'Ann' }, before: 'Ben', at: expect.any(Number) };
    expect(await ann.next()).toEqual(renamed);
    expect(await ben.next()).toEqual(renamed);

    ben.peer.socket.close(1000);
    expect(await ann.next()).toMatchObject({ type: 'left', member: renamed.member });
  });

  test('lets two have one name, told apart by their ids', async () => {
    const [one, other] = await two();
    const [a, b] = [await one.join('Twin'), await other.join('Twin')];
    expect(a.you.id).not.toBe(b.you.id);
    expect(b.members.map(({ name }) => name)).toEqual(['Twin', 'Twin']);
  });

  test('brings an image to all as it was', async () => {
    const [ann, ben] = await two();
    const { you } = await ann.join('Ann');
    await ben.join('Ben');
    const bytes = new Uint8Array(1024 * 1024).map((_, index) => index * 7);
    ann.send({ type: 'image', name: 'tide.png', mime: 'image/png', bytes });
    expect((await ann.next()).type).toBe('joined');
    for (const client of [ann, ben]) {
      const image = await client.next();
      expect(image).toMatchObject({ type: 'image', from: you, name: 'tide.png', mime: 'image/png' });
      expect(image.type === 'image' && Buffer.compare(image.bytes, bytes)).toBe(0);
    }
  });

  test('tells nobody of a connection that never joined', async () => {
    const [ann, ghost] = await two();
    ghost.send({ type: 'say', text: 'Boo' });
    expect(await ghost.next()).toMatchObject({ type: 'refused', code: 'not-joined' });
    ghost.peer.socket.close(1000);
    await ghost.peer.closed;
    expect((await ann.join('Ann')).members).toHaveLength(1);
    ann.send({ type: 'say', text: 'Alone?' });
    expect(await ann.next()).toMatchObject({ type: 'said', text: 'Alone?' });
  });

  test('lets in pages of its own host and of the origins named, and no others', async () => {
    service = await startService({ port: 0, origins: ['https://friend.example'] });
    const url = service.urls.endpoints.chat ?? '';
    for (const origin of [`http://127.0.0.1:${service.port}`, 'https://friend.example']) {
      await Peer.open(url, [], { origin });
    }
    for (const origin of ['https://evil.example', 'null', `http://127.0.0.1:${service.port + 1}`]) {
      await expect(Peer.open(url, [], { origin })).rejects.toMatchObject({ response: { status: 403 } });
    }
  });
});

describe('a message that the chat does not take', () => {
  test.each<[what: string, data: string | Uint8Array, code: string]>([
    ['no JSON', 'hello', 'invalid'],
    ['no object', '[]', 'invalid'],
    ['null', 'null', 'invalid'],
    ['no type', '{}', 'invalid'],
    ['a type of the server', '{"type":"said","text":"x"}', 'invalid'],
    ['a type of Object.prototype', '{"type":"constructor"}', 'invalid'],
    ['a text of another type', '{"type":"say","text":{"toString":1}}', 'invalid'],
    ['an empty text', '{"type":"say","text":""}', 'invalid'],
    ['a text that is too long', JSON.stringify({ type: 'say', text: 'x'.repeat(4001) }), 'invalid'],
    ['a name with control characters', '{"type":"rename","name":"a\\u001b[31m"}', 'invalid'],
    ['deep nesting', '['.repeat(50_000), 'invalid'],
    ['a second join', '{"type":"join","name":"Again"}', 'already-joined'],
    ['binary without a header', Uint8Array.of(0), 'invalid'],
    ['binary with a header beyond its end', Uint8Array.of(255, 255, 1, 2), 'invalid'],
    ['binary with a header that is no UTF-8', Uint8Array.of(0, 2, 0xff, 0xfe, 1), 'invalid'],
  ])('is answered, and disturbs nobody: %s', async (_what, data, code) => {
    const [ann, eve] = await two();
    await ann.join('Ann');
    await eve.join('Eve');
    eve.peer.socket.send(data);
    expect(await eve.next()).toMatchObject({ type: 'refused', code, message: expect.stringMatching(/./) });
    eve.send({ type: 'say', text: 'Sorry' });
    expect(await eve.next()).toMatchObject({ type: 'said', text: 'Sorry' });
    expect((await ann.next()).type).toBe('joined');
    expect(await ann.next()).toMatchObject({ type: 'said', text: 'Sorry' });
  });

  test('may be an image: a little too large is refused, far too large ends the connection', async () => {
    const [ann, eve] = await two({ maxImage: 100_000, rate: 1000 });
    await ann.join('Ann');
    await eve.join('Eve');
    const image = (size: number): ClientImage => {
      return { type: 'image', name: 'x', mime: 'image/png', bytes: new Uint8Array(size) };
    };
    eve.send(image(100_001));
    expect(await eve.next()).toMatchObject({ type: 'refused', code: 'image-too-large' });
    eve.send(image(100_000));
    expect((await eve.next()).type).toBe('image');
    eve.send(image(400_000));
    expect((await eve.peer.closed).code).toBe(1009);
    const types = [await ann.next(), await ann.next(), await ann.next()].map(({ type }) => type);
    expect(types).toEqual(['joined', 'image', 'left']);
  });

  test('may be one too many: the pace is limited, and who does not stop is sent away', async () => {
    const [ann, eve] = await two({ rate: 2 });
    await ann.join('Ann');
    await eve.join('Eve');
    for (let count = 0; count < 200; count++) eve.send({ type: 'say', text: String(count) });
    const answers: ServerMessage[] = [];
    for (let count = 0; count < 10; count++) answers.push(await eve.next());
    expect(answers.slice(0, 5).map(({ type }) => type)).toEqual(Array(5).fill('said'));
    expect(answers.at(-1)).toMatchObject({ type: 'refused', code: 'too-fast' });
    expect(await eve.peer.closed).toMatchObject({ code: 1008, reason: 'Too many messages' });
    ann.send({ type: 'say', text: 'Peace' });
    const heard: ServerMessage[] = [];
    while (heard.at(-1)?.type !== 'left') heard.push(await ann.next());
    expect(heard.length).toBeLessThan(12);
  });

  test('may be a join: the room has a size', async () => {
    const [ann, ben] = await two({ maxMembers: 1 });
    await ann.join('Ann');
    ben.send({ type: 'join', name: 'Ben' });
    expect(await ben.next()).toMatchObject({ type: 'refused', code: 'room-full' });
    ann.peer.socket.close(1000);
    await ann.peer.closed;
    await ben.join('Ben');
  });
});

test('a member who reads nothing is closed, and the others go on', async () => {
  const [ann, ben] = await two({ rate: 100_000 });
  const { you } = await ann.join('Ann');
  await ben.join('Ben');
  const slow = await rawWebSocket(service?.port ?? 0, '/chat');
  slow.pause();
  slow.write(clientFrame(1, Buffer.from('{"type":"join","name":"Slow"}')));
  await nextOf(ben, 'joined', 'Slow');
  // More than the buffers of the network and the one that the chat allows.
  const image: ClientImage = { type: 'image', name: 'x', mime: 'image/png', bytes: new Uint8Array(1024 * 1024) };
  for (let count = 0; count < 40; count++) {
    ann.send(image);
    await nextOf(ann, 'image');
    await nextOf(ben, 'image');
  }
  await nextOf(ben, 'left', 'Slow');
  ann.send({ type: 'say', text: 'Where were we?' });
  expect(await nextOf(ben, 'said')).toMatchObject({ from: you, text: 'Where were we?' });
});

async function nextOf(client: Client, type: ServerMessage['type'], name?: string): Promise<ServerMessage> {
  for (;;) {
    const message = await client.next();
    const member = 'member' in message ? message.member.name : undefined;
    if (message.type === type && (name === undefined || member === name)) return message;
  }
}
