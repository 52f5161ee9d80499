import { expect, test } from 'vitest';
import { askBy } from '../../src/operate/ask.ts';
import { serve } from './support.ts';

test('what is refused is told in words, and is no exception', async () => {
  const { ask } = await serve(['channels']);
  const outcome = await ask('stats', {});
  expect(outcome).toEqual({
    ok: false,
    trouble: { kind: 'forbidden', text: 'The key does not allow this: This key is not for stats.' },
  });
  expect(await ask('channels', { limit: 5000 })).toMatchObject({ ok: false, trouble: { kind: 'invalid-request' } });
});

test('a service that does not answer, or answers something else, is told so', async () => {
  const gone = askBy(
    () => Promise.reject(new TypeError('failed')),
    () => {},
  );
  expect(await gone('stats', {})).toMatchObject({ ok: false, trouble: { kind: 'unreachable' } });
  const odd = askBy(
    async () => new Response('<html>Bad gateway</html>', { status: 502 }),
    () => {},
  );
  expect(await odd('stats', {})).toMatchObject({ ok: false, trouble: { kind: 'unreachable' } });
});

test('whoever is not known any more is told of it once for each question', async () => {
  let outs = 0;
  const ask = askBy(
    async () => Response.json({ type: '/api/problems#unauthorized', title: 'A key is needed' }, { status: 401 }),
    () => {
      outs++;
    },
  );
  expect(await ask('stats', {})).toMatchObject({ trouble: { kind: 'unauthorized', text: 'A key is needed.' } });
  expect(outs).toBe(1);
});
