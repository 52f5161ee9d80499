import { MemoryEngine, MemoryNetwork } from '@tidewire/hub';
import { describe, expect, it } from 'vitest';
import { missedIn, settled, startHub, subscribe, visit } from './support/visiting.ts';

const chat = { subscribe: 'everyone', history: { size: 5, ttl: 60_000 } } as const;
const namespaces = { chat };

describe('who comes back with a position', () => {
  it('gets exactly what it has missed', async () => {
    const hub = await startHub({ namespaces });
    const ada = await visit(hub);
    const { position } = await subscribe(ada, 'chat:a');
    await hub.publish('chat:a', 1);
    await ada.client.unsubscribe('chat:a');
    await hub.publish('chat:a', 2);
    const back = await subscribe(ada, 'chat:a', { position });
    expect(back).toMatchObject({ recovery: 'recovered' });
    expect(missedIn(back)).toEqual([1, 2]);
    expect(await subscribe(await visit(hub), 'chat:a', { position: back.position })).toMatchObject({
      recovery: 'recovered',
      missed: [],
    });
  });

  it('gets it from another node, which had no subscriber before', async () => {
    const network = new MemoryNetwork();
    const one = await startHub({ namespaces, engine: new MemoryEngine({ network }) });
    const other = await startHub({ namespaces, engine: new MemoryEngine({ network }) });
    const { position } = await subscribe(await visit(one), 'chat:a');
    for (const n of [1, 2, 3]) await one.publish('chat:a', n);
    const back = await subscribe(await visit(other), 'chat:a', { position });
    expect(missedIn(back)).toEqual([1, 2, 3]);
  });

  it('is told when retention has run out', async () => {
    const hub = await startHub({ namespaces });
    const ada = await visit(hub);
    const { position } = await subscribe(ada, 'chat:a');
    for (let n = 0; n < 6; n++) await hub.publish('chat:a', n);
    expect(await subscribe(await visit(hub), 'chat:a', { position })).toMatchObject({ recovery: 'failed', missed: [] });
  });

  it('is told when the history was removed, by whatever node', async () => {
    const network = new MemoryNetwork();
    const one = await startHub({ namespaces, engine: new MemoryEngine({ network }) });
    const other = await startHub({ namespaces, engine: new MemoryEngine({ network }) });
    const ada = await visit(one);
    const { position } = await subscribe(ada, 'chat:a');
    await other.publish('chat:a', 1);
    await ada.outlet.until(() => ada.outlet.received('chat:a').length === 1);
    await other.removeHistory('chat:a');
    expect(await subscribe(await visit(one), 'chat:a', { position })).toMatchObject({ recovery: 'failed' });
  });

  it('is told when the epoch is another one', async () => {
    const hub = await startHub({ namespaces });
    const position = { epoch: 'of old', offset: 1 };
    expect(await subscribe(await visit(hub), 'chat:a', { position })).toMatchObject({ recovery: 'failed' });
  });

  it('is told when it has missed more than is given at once', async () => {
    const hub = await startHub({ namespaces, limits: { recoveryLimit: 2 } });
    const { position } = await subscribe(await visit(hub), 'chat:a');
    for (let n = 0; n < 3; n++) await hub.publish('chat:a', n);
    expect(await subscribe(await visit(hub), 'chat:a', { position })).toMatchObject({ recovery: 'failed' });
  });

  it('misses nothing of what is published while it comes', async () => {
    const hub = await startHub({ namespaces: { chat: { ...chat, history: { size: 100, ttl: 60_000 } } } });
    const { position } = await subscribe(await visit(hub), 'chat:a');
    const late = await Promise.all(Array.from({ length: 20 }, () => visit(hub)));
    const all: unknown[][] = [];
    await Promise.all(
      late.map(async (each, i) => {
        await hub.publish('chat:a', i);
        const back = await subscribe(each, 'chat:a', { position });
        all.push(missedIn(back));
      }),
    );
    await settled();
    const [first] = late;
    const live = first?.outlet.received('chat:a') ?? [];
    expect([...(all[0] ?? []), ...live].sort()).toEqual(Array.from({ length: 20 }, (_, i) => i).sort());
  });
});
