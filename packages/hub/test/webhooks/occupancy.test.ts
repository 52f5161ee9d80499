import { createPermissions } from '@tidewire/hub';
import { expect, it, vi } from 'vitest';
import { startHub, subscribe, visit } from '../support/visiting.ts';
import { serveApplication, webhooksTo } from './support.ts';

it('a hub asks and tells an application elsewhere through webhooks', async () => {
  const { url, received } = await serveApplication(({ body }) =>
    body.type === 'connect' ? { result: { user: '42' } } : { result: {} },
  );
  const { webhooks, done } = webhooksTo(url);
  const hub = await startHub({
    namespaces: { chat: { subscribe: 'ask', occupancy: true } },
    permissions: createPermissions({ hooks: webhooks.hooks }),
    occupancy: webhooks.occupancy,
  });
  const visitor = await visit(hub);
  expect(visitor.client.user).toBe('42');
  await subscribe(visitor, 'chat:a');
  visitor.client.closed({ code: 3000, reason: 'gone' });
  await vi.waitFor(() => expect(done).toContain('vacated ok 1'), { timeout: 10_000 });
  const told = received.flatMap(({ body }) => (Array.isArray(body.notices) ? body.notices : []));
  expect(told).toMatchObject([
    { type: 'occupied', channel: 'chat:a' },
    { type: 'vacated', channel: 'chat:a' },
  ]);
  expect(done).toEqual(['connect ok 1', 'subscribe ok 1', 'occupied ok 1', 'vacated ok 1']);
});
