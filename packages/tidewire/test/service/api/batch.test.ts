import { expect, test } from 'vitest';
import { problem, serve } from './support.ts';

const publish = (channel: string, data: number) => ({ publish: { channel, data } });

test('the commands of a batch are done one after the other, and each has its reply', async () => {
  const { post } = await serve();
  const commands = [
    publish('chat:a', 1),
    publish('unknown:a', 2),
    publish('chat:a', 3),
    { history: { channel: 'chat:a' } },
  ];
  const { status, body } = await post('batch', { commands });
  expect(status).toBe(200);
  expect(body.failed).toBe(1);
  expect(body.replies.map((reply) => reply.status)).toEqual([200, 404, 200, 200]);
  expect(body.replies[1]?.error).toMatchObject({ type: '/api/problems#unknown-channel', status: 404 });
  expect(body.replies[3]?.result?.publications?.map(({ data }) => data)).toEqual([1, 3]);
});

test('a batch may be done all at once', async () => {
  const { post } = await serve();
  const commands = Array.from({ length: 100 }, (_, index) => publish('chat:a', index));
  const { body } = await post('batch', { commands, isParallel: true });
  expect(body.failed).toBe(0);
  expect((await post('history', { channel: 'chat:a' })).body.publications).toHaveLength(100);
});

test('nothing of a batch is done if one of its commands is not what the schema says', async () => {
  const { post } = await serve();
  const answer = await post('batch', { commands: [publish('chat:a', 1), { publish: { channel: 'chat:a' } }, {}] });
  expect(answer).toMatchObject(problem('invalid-request', 400));
  expect(answer.body.errors.map(({ pointer }) => pointer)).toEqual(['#/commands/1/publish/data', '#/commands/2']);
  expect((await post('history', { channel: 'chat:a' })).body.publications).toEqual([]);
});

test.each([
  [{ commands: [] }, '#/commands'],
  [{ commands: [{ batch: { commands: [] } }] }, '#/commands/0/batch'],
  [{ commands: [{ info: {}, channels: {} }] }, '#/commands/0'],
  [{ commands: Array.from({ length: 1001 }, () => ({ info: {} })) }, '#/commands'],
])('a batch cannot be %j', async (body, pointer) => {
  const { post } = await serve();
  const answer = await post('batch', body);
  expect(answer).toMatchObject(problem('invalid-request', 400));
  expect(answer.body.errors[0]?.pointer).toBe(pointer);
});

test('a batch that is sent again with its idempotency key publishes nothing again', async () => {
  const { post } = await serve();
  const body = { commands: [publish('chat:a', 1), publish('chat:a', 2)] };
  const headers = { 'Idempotency-Key': 'batch-1' };
  const first = await post('batch', body, { headers });
  const again = await post('batch', body, { headers });
  expect(first.body.replies.map(({ result }) => result?.isDuplicate)).toEqual([false, false]);
  expect(again.body.replies.map(({ result }) => result?.isDuplicate)).toEqual([true, true]);
  expect((await post('history', { channel: 'chat:a' })).body.publications).toHaveLength(2);
});
