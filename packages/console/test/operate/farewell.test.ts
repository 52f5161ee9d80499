import { expect, test } from 'vitest';
import { subscribe, visit } from '../../../hub/test/support/visiting.ts';
import { faultOf, sendAway, takeOut } from '../../src/operate/farewell.ts';
import { serve } from './support.ts';

test.each([
  [3503, ''],
  [3011, 'see you'],
  [4000, ''],
  [4999, 'x'.repeat(100)],
])('%d may be said', (code, reason) => {
  expect(faultOf(code, reason)).toBeUndefined();
});

test.each([
  [3000, ''],
  [3999, ''],
  [5000, ''],
  [4000.5, ''],
  [Number.NaN, ''],
  [4000, 'x'.repeat(101)],
  [4000, 'ü'.repeat(51)],
])('%d with this reason may not', (code, reason) => {
  expect(faultOf(code, reason)).toMatch(/\.$/);
});

test('one connection is sent away, or all of a user, wherever they are', async () => {
  const { other, ask } = await serve();
  const [nobody, ann, ben] = [await visit(other), await visit(other, 'ann'), await visit(other, 'ben')];
  expect(await sendAway(ask, { client: nobody.client.id }, 4321, 'enough')).toEqual({
    ok: true,
    value: 'It is disconnected.',
  });
  expect(nobody.outlet.disconnect).toEqual({ code: 4321, reason: 'enough' });
  expect(await sendAway(ask, { client: nobody.client.id }, 3503, '')).toMatchObject({ value: 'It was gone already.' });
  await sendAway(ask, { user: 'ann' }, 3011, 'force reconnect');
  await ann.outlet.until(() => ann.outlet.disconnect !== undefined);
  expect(ann.outlet.disconnect?.code).toBe(3011);
  expect(ben.outlet.disconnect).toBeUndefined();
});

test('a connection is taken out of a channel', async () => {
  const { other, ask } = await serve();
  const ann = await visit(other, 'ann');
  await subscribe(ann, 'chat:a');
  expect(await takeOut(ask, { client: ann.client.id }, 'chat:a')).toEqual({
    ok: true,
    value: 'It is not in chat:a any more.',
  });
  expect(ann.outlet.pushes).toMatchObject([{ type: 'unsubscribe', channel: 'chat:a' }]);
});
