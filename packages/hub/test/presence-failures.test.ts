import { type Hub, MemoryNetwork } from '@tidewire/hub';
import { describe, expect, it, vi } from 'vitest';
import { FaultyEngine } from './support/faulty-engine.ts';
import { startHub, subscribe, type Visit, visit } from './support/visiting.ts';

// Who is present, and what is told of it, while the engine fails, or takes out whom it should not.

const open = { subscribe: 'everyone' } as const;
const namespaces = { room: { ...open, presence: { grace: 0 }, occupancy: true }, plain: open } as const;

const told = ({ outlet }: Visit): string[] =>
  outlet.pushes.flatMap((push) =>
    push.type === 'join' || push.type === 'leave' ? [`${push.info.user} ${push.type}`] : [],
  );

async function setUp(): Promise<{ engine: FaultyEngine; hub: Hub; watcher: Visit; ada: Visit; occupancy: string[] }> {
  const network = new MemoryNetwork();
  const engine = new FaultyEngine(network);
  const occupancy: string[] = [];
  const hub = await startHub({ engine, namespaces, occupancy: (event) => occupancy.push(event) });
  const watcher = await visit(hub, 'watcher');
  await subscribe(watcher, 'room:a', { wantsJoinLeave: true });
  const ada = await visit(hub, 'ada');
  await subscribe(ada, 'room:a');
  await watcher.outlet.until(() => told(watcher).length === 2);
  return { engine, hub, watcher, ada, occupancy };
}

describe('who leaves', () => {
  it('is told to have left, though the engine has not said that it did it', async () => {
    const { engine, watcher, ada } = await setUp();
    engine.deceiving = 1;
    await ada.client.unsubscribe('room:a');
    await watcher.outlet.until(() => told(watcher).length === 3);
    expect(told(watcher)).toEqual(['watcher join', 'ada join', 'ada leave']);
  });

  it('is told once, if the engine says meanwhile that it was taken out', async () => {
    const { engine, watcher, ada } = await setUp();
    engine.deceiving = 1;
    const expiring = engine.expire('room:a', [ada.client.id]);
    await ada.client.unsubscribe('room:a');
    await expiring;
    await watcher.outlet.until(() => told(watcher).length >= 3);
    await subscribe(ada, 'room:a');
    await watcher.outlet.until(() => told(watcher).length >= 4);
    expect(told(watcher)).toEqual(['watcher join', 'ada join', 'ada leave', 'ada join']);
  });
});

describe('who is there', () => {
  it('is entered again when the engine has taken it out, and nobody is told', async () => {
    const { engine, hub, watcher, ada, occupancy } = await setUp();
    await engine.expire('room:a', [ada.client.id]);
    await vi.waitFor(async () => expect(await hub.presenceStats('room:a')).toEqual({ clients: 2, users: 2 }));
    await engine.expire('@occupancy:room:a', [hub.node]);
    await vi.waitFor(async () => expect((await engine.memberCounts('@occupancy:room:a')).clients).toBe(1));
    await ada.client.unsubscribe('room:a');
    await watcher.outlet.until(() => told(watcher).length === 3);
    expect(told(watcher)).toEqual(['watcher join', 'ada join', 'ada leave']);
    expect(occupancy).not.toContain('vacated');
  });
});

describe('occupancy', () => {
  it('is told though the engine has not said that it did what it was asked', async () => {
    const occupancy: string[] = [];
    const engine = new FaultyEngine(new MemoryNetwork());
    const only = { room: { ...open, occupancy: true } };
    const hub = await startHub({ engine, namespaces: only, occupancy: (event) => occupancy.push(event) });
    engine.deceiving = 1;
    const ada = await visit(hub, 'ada');
    await subscribe(ada, 'room:a');
    await vi.waitFor(() => expect(occupancy).toEqual(['occupied']));
    engine.deceiving = 1;
    await ada.client.unsubscribe('room:a');
    await vi.waitFor(() => expect(occupancy).toEqual(['occupied', 'vacated']), 10_000);
  });
});

describe('new options', () => {
  it('make everybody known who is in a channel, and nobody any more', async () => {
    const occupancy: string[] = [];
    const hub = await startHub({
      namespaces: { room: open },
      occupancy: (event, channel) => occupancy.push(`${event} ${channel}`),
    });
    const ada = await visit(hub, 'ada');
    await subscribe(ada, 'room:a');
    hub.reconfigure({ namespaces });
    expect(ada.outlet.pushes).toMatchObject([{ type: 'unsubscribe', unsubscribe: { code: 2500 } }]);
    await subscribe(ada, 'room:a');
    await vi.waitFor(async () => expect(await hub.presenceStats('room:a')).toEqual({ clients: 1, users: 1 }));
    await vi.waitFor(() => expect(occupancy).toEqual(['occupied room:a']));
    hub.reconfigure({ namespaces: { room: open } });
    hub.reconfigure({ namespaces });
    await vi.waitFor(async () => expect(await hub.presenceStats('room:a')).toEqual({ clients: 0, users: 0 }));
  });
});
