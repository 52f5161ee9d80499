import { describe, expect, test } from 'vitest';
import { Inspector } from '../src/index.ts';
import { serveInspector, TestPage } from './support/page.ts';

// A page has the beginnings of long messages, and asks for what is in the rest.

const KiB = 1024;
const PATTERN = '"n(ee)dle":\\d{2}';

function inspectorOf(...contents: readonly (string | Uint8Array)[]): Inspector {
  const inspector = new Inspector();
  inspector.recorder.open({
    openedAt: 1,
    url: 'ws://target.example/',
    source: 'test',
    request: { method: 'GET', httpVersion: '1.1', headers: [] },
    subprotocol: '',
    extensions: '',
  });
  for (const data of contents) {
    inspector.recorder.add({
      connection: 1,
      at: 2,
      direction: 'toServer',
      opcode: typeof data === 'string' ? 1 : 2,
      frames: 1,
      compressed: false,
      masked: true,
      wireLength: data.length,
      length: data.length,
      data,
      isCut: false,
      fate: 'forwarded',
    });
  }
  return inspector;
}

const long = (end: string, size = 10 * KiB) => `${'x'.repeat(size)}${end}`;

describe('what a page has in part', () => {
  test('is searched whole, by text and by regular expression; what it has whole is not', async () => {
    const inspector = inspectorOf(
      long('"Needle":1'),
      '"needle":12',
      long('"hay":12'),
      new TextEncoder().encode(long('"needle":12')),
      long('"needle":12', 1000 * KiB),
    );
    const page = await TestPage.open(await serveInspector(inspector));
    expect(await page.order({ type: 'search', from: 1, text: 'NEEDLE' })).toMatchObject({ found: [1, 4, 5], next: 6 });
    expect(await page.order({ type: 'search', from: 1, pattern: PATTERN })).toMatchObject({ found: [4, 5], next: 6 });
    expect(await page.order({ type: 'search', from: 5, text: 'needle' })).toMatchObject({ found: [5], next: 6 });
    expect(await page.order({ type: 'search', from: 9, text: 'needle' })).toMatchObject({ found: [], next: 9 });
  });

  test('is searched in pieces, so that nothing has to wait for all of it', async () => {
    const count = 100;
    const inspector = inspectorOf(...Array.from({ length: count }, (_, at) => long(`end ${at + 1}.`, 100 * KiB)));
    const page = await TestPage.open(await serveInspector(inspector));
    const found: number[] = [];
    let pieces = 0;
    for (let from = 1; from <= count; pieces += 1) {
      const answer = await page.order({ type: 'search', from, text: '7.' });
      if (answer.type !== 'done') throw new Error(answer.why);
      found.push(...(answer.found ?? []));
      from = answer.next ?? 0;
    }
    expect(found).toEqual([7, 17, 27, 37, 47, 57, 67, 77, 87, 97]);
    expect(pieces).toBeGreaterThan(20);
  });

  test('does not show by what is found what is masked', async () => {
    const inspector = inspectorOf(long('{"token":"abcdefghijkl","place":"harbour"}'));
    const found = async (masks: boolean, text: string) => {
      const page = await TestPage.open(await serveInspector(inspector, { masks }));
      const answer = await page.order({ type: 'search', from: 1, text });
      return answer.type === 'done' && answer.found;
    };
    expect(await found(true, 'abcdefg')).toEqual([]);
    expect(await found(true, 'harbour')).toEqual([1]);
    expect(await found(false, 'abcdefg')).toEqual([1]);
  });

  test('is not searched for what might take for ever', async () => {
    const page = await TestPage.open(await serveInspector(inspectorOf(long('a'))));
    expect(await page.order({ type: 'search', from: 1, pattern: '(a)\\1' })).toMatchObject({
      type: 'refused',
      why: expect.stringContaining('cannot be used'),
    });
  });
});
