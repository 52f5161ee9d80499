import { describe, expect, test } from 'vitest';
import { type Stamp, Template } from '../src/message/template.ts';
import { Random } from '../src/schedule/random.ts';

const context = { connection: 12, sequence: 3, time: 4_500_001, channel: 'news' };
const render = (text: string) => new Template(text).render(context, new Random(1, 'test'));

function stampsIn(template: string, text: string): Stamp[] {
  const found: Stamp[] = [];
  new Template(template).reader().read(text, (stamp) => found.push({ ...stamp }));
  return found;
}

describe('a template', () => {
  test('has what its placeholders stand for', () => {
    expect(render('a {{stamp}} b')).toBe('a ~12.3.4500001~ b');
    expect(render('{{connection}}/{{ seq }}/{{time}}/{{channel}}')).toBe('12/3/4500001/news');
    expect(render('{{random:40}}')).toMatch(/^[A-Za-z0-9]{40}$/);
    expect(render('{{random:100000}}')).toHaveLength(100_000);
    expect(['red', 'green']).toContain(render('{{pick:red|green}}'));
    expect(render('{"a":{"b":1}}')).toBe('{"a":{"b":1}}');
  });

  test.each([
    ['{{nonsense}}', 'has {{nonsense}}, which is none of stamp, seq'],
    ['{{random}}', 'random wants a size from 1'],
    ['{{random:0}}', 'random wants a size from 1'],
    ['{{pick}}', 'pick wants what to pick from'],
    ['{{seq:3}}', 'seq takes no argument'],
    ['{{}}', 'has {{}}'],
  ])('is refused with %s', (text, why) => {
    expect(() => new Template(text)).toThrow(why);
  });
});

describe('a stamp', () => {
  const stamp = { connection: 12, sequence: 3, time: 4_500_001 };

  test.each([
    ['whole', '{{stamp}}'],
    ['in numbers', '{"from":{{connection}},"n":{{seq}},"at":{{time}}}'],
    ['in numbers with much in between', '{{connection}}-{{random:2000}}-{{seq}}-{{pick:a.b|c}}-{{time}}'],
  ])('is found, %s, in whatever a server puts around it', (_how, template) => {
    const text = render(template);
    expect(stampsIn(template, `["x",${text}] and ${text}`)).toEqual([stamp, stamp]);
  });

  test('has 0 for what the template has not', () => {
    expect(stampsIn('n={{seq}};', 'so n=77; it is')).toEqual([{ connection: 0, sequence: 77, time: 0 }]);
  });

  test('is not found where there is none', () => {
    expect(stampsIn('{{stamp}}', '~1.2~ ~a.b.c~ 1.2.3')).toEqual([]);
    expect(stampsIn('n={{seq}};', 'm=77;')).toEqual([]);
  });
});
