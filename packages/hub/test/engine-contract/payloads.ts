import { describe, expect, it } from 'vitest';
import { infoOf, publicationOf, retentionOf, type TestNodes, unique } from './harness.ts';

/** What stands between a unique beginning and a unique end. */
const strangeNames = [
  'ä ö 漢字 🙂',
  'with spaces  two',
  '.dots..and.',
  '*',
  '>',
  '$JS.API.>',
  '"quoted" \'twice\' `thrice`',
  'back\\slash',
  '{hash}tag',
  'a/b?c#d%41&e=f',
  'colons:in:it',
  '\u007f\u0001control',
  '__proto__',
];

/** Every character that JSON escapes, those that it need not, and a lone surrogate as an escape. */
const escapes = `"\\u0000\\u001f\\b\\f\\n\\r\\t\\"\\\\\\/\\ud800 \u2028\u2029 é 漢 🙂 \u007f"`;

export function describePayloads(nodes: TestNodes): void {
  describe('what is carried', () => {
    it.each(strangeNames)('may be in a channel with the name %j', async (name) => {
      const [node, other] = await nodes.pair();
      const retention = retentionOf();
      // The second differs where a server that takes some characters for others, or for patterns, sees none.
      const channel = `${unique()}${name}x`;
      const near = channel.replace(/[^a-z0-9-]/, '_');
      await node.engine.subscribe(channel);
      await other.engine.publish(near, publicationOf('near'), { retention });
      await other.engine.publish(near, publicationOf('near'));
      const { position } = await other.engine.publish(channel, publicationOf('one'), { retention });
      await other.engine.signal(channel, { type: 'order', order: '1' });
      await node.untilPublished(channel, 1);
      await node.untilTold('signalled 1');
      const history = await node.engine.history(channel, retention);
      expect(history.position).toEqual(position);
      if (near !== channel) {
        expect(node.data(channel)).toEqual(['one']);
        expect(history.publications).toHaveLength(1);
      }
      await node.engine.enter(channel, infoOf(`${name} client`, `${name} user`));
      expect(await other.engine.members(channel)).toEqual([
        { info: infoOf(`${name} client`, `${name} user`), node: node.id },
      ]);
      expect(await other.engine.leave(channel, `${name} client`)).toMatchObject({ isLast: true, isLastOfUser: true });
    });

    it('may be in a channel with a name of 255 characters', async () => {
      const [node, other] = await nodes.pair();
      const channel = unique().padEnd(255, 'long ');
      await node.engine.subscribe(channel);
      await other.engine.publish(channel, publicationOf('one'), { retention: retentionOf() });
      await node.untilPublished(channel, 1);
      expect(node.data(channel)).toEqual(['one']);
    });

    it('is JSON with every escape, and all that belongs to a publication', async () => {
      const [node, other] = await nodes.pair();
      const channel = unique();
      const retention = retentionOf();
      const publication = {
        data: `{"text":${escapes},"number":1.50e+3, "spaces" : [ ] }`,
        info: { client: 'a "client"', user: 'ü', connectionInfo: escapes, channelInfo: `[${escapes}]` },
        tags: { plain: 'é "\n', 'a:b': '' },
        key: 'key "\u2028',
        time: 1_700_000_000_123,
      };
      await node.engine.subscribe(channel);
      await other.engine.publish(channel, publication, { retention });
      await other.engine.publish(channel, publication);
      await other.engine.signal(channel, { type: 'leave', info: publication.info });
      await node.untilPublished(channel, 2);
      await node.until('a signal', () => node.signals.length === 1);
      for (const told of node.told) expect(told.publication).toEqual(publication);
      expect(node.signals[0]?.signal).toEqual({ type: 'leave', info: publication.info });
      const { publications } = await node.engine.history(channel, retention);
      expect(publications.map((each) => each.publication)).toEqual([publication]);
    });

    it('may be as large as 1 MiB', async () => {
      const [node, other] = await nodes.pair();
      const channel = unique();
      const retention = retentionOf();
      // Not all the same character, and some that take two bytes.
      const text = Array.from({ length: 1000 }, (_each, i) => `${i} é`).join(' ');
      const large = text.repeat(Math.ceil((1024 * 1024) / text.length)).slice(0, 900_000);
      await node.engine.subscribe(channel);
      await other.engine.publish(channel, publicationOf(large), { retention });
      await other.engine.publish(channel, publicationOf(large));
      await node.untilPublished(channel, 2);
      expect(node.data(channel).every((data) => data === large)).toBe(true);
      const { publications } = await node.engine.history(channel, retention);
      expect(publications[0]?.publication.data === JSON.stringify(large)).toBe(true);
      expect((await other.engine.request(node.id, large, 20_000)) === large).toBe(true);
    });

    it('may be in 5000 channels', async () => {
      const [node, other] = await nodes.pair();
      const prefix = unique();
      const retention = retentionOf({ name: 'many', size: 2 });
      const channels = Array.from({ length: 5000 }, (_each, i) => `${prefix}:${i}`);
      const forAll = async (work: (channel: string) => Promise<unknown>) => {
        for (let i = 0; i < channels.length; i += 250) await Promise.all(channels.slice(i, i + 250).map(work));
      };
      await forAll((channel) => node.engine.subscribe(channel));
      await forAll((channel) => other.engine.publish(channel, publicationOf(channel), { retention }));
      await node.until('all publications', () => node.told.length >= channels.length);
      expect(node.told.map(({ channel }) => channel).sort()).toEqual([...channels].sort());
      expect(node.told.filter(({ position }) => position?.previous !== 0)).toEqual([]);
      await forAll(async (channel) => {
        const { publications } = await node.engine.history(channel, retention);
        if (JSON.parse(publications[0]?.publication.data ?? '""') !== channel) throw new Error(`lost: ${channel}`);
      });
    });
  });
}
