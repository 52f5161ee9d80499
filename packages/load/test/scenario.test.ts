import { readFileSync } from 'node:fs';
import {
  exampleScenario,
  jsonSchema,
  parseScenario,
  readScenario,
  ScenarioError,
  scenarioOf,
  scenarioReference,
} from '@tidewire/load';
import { describe, expect, test } from 'vitest';

/** The lines that say what is wrong. */
function problems(act: () => unknown): readonly string[] {
  try {
    act();
  } catch (error) {
    if (error instanceof ScenarioError) return error.lines;
    throw error;
  }
  return [];
}

const inYaml = (text: string) => problems(() => readScenario(text, 'load.yaml'));
const target = 'target: { url: ws://127.0.0.1/ }\n';

describe('a scenario', () => {
  test('has defaults, and times, shares and lists in the ways in which people write them', () => {
    const { target: to, phases } = readScenario(
      `${target}phases:\n  - { do: echo, ramp: { over: 2, steps: 4 }, duration: 1.5m, slow: { share: 10% } }\n  - { do: storm, share: 0.5, ramp: 500ms }`,
      'load.yaml',
    );
    expect(to).toMatchObject({ url: ['ws://127.0.0.1/'], protocol: 'plain', timeout: 30_000 });
    expect(phases).toMatchObject([
      { do: 'echo', connections: 1, ramp: { over: 2000, steps: 4 }, duration: 90_000, slow: { share: 0.1, rate: 0 } },
      { do: 'storm', share: 0.5, ramp: { over: 500 }, drop: 'cut' },
    ]);
  });

  test('that is the example is right', () => {
    expect(readScenario(exampleScenario, 'example.yaml').phases.map((phase) => phase.do)).toEqual([
      ...(['idle', 'pubsub', 'pubsub', 'storm'] as const),
    ]);
  });

  test('may come from single values, and a file may be overridden', () => {
    const entries = [
      { path: ['target', 'url'], name: '--url', value: 'ws://127.0.0.2/' },
      { path: ['phases', 0, 'do'], name: '--do', value: 'idle' },
    ];
    expect(scenarioOf(entries)).toMatchObject({ target: { url: ['ws://127.0.0.2/'] }, phases: [{ do: 'idle' }] });
    const text = `${target}phases: [{ do: idle }]`;
    expect(readScenario(text, 'load.yaml', entries.slice(0, 1)).target.url).toEqual(['ws://127.0.0.2/']);
  });
});

describe('what is wrong with a scenario is a line with its place and what would be right:', () => {
  test.each<[what: string, text: string, lines: readonly (string | RegExp)[]]>([
    ['no YAML', 'phases: [', [/^load\.yaml:1:\d+: is no YAML: /]],
    ['a list', '- 1', ['load.yaml:1:1: must be keys with values: target and phases']],
    ['a key twice', 'name: a\nname: b', ['load.yaml:2:1: the key is there twice']],
    ['too many aliases', `a: &a [1]\nb: [${'*a, '.repeat(200)}*a]`, [/alias/]],
    [
      'keys that are missing',
      'name: x',
      [
        'load.yaml:1:1: target: is missing: it must be keys with values',
        'load.yaml:1:1: phases: is missing: it must be a list of phases',
      ],
    ],
    [
      'an unknown key',
      `${target}phases: [{ do: echo, conections: 3 }]`,
      [
        'load.yaml:2:22: phases[0].conections: there is no such key in a phase that does echo. Did you mean connections?',
      ],
    ],
    [
      'a key of another activity',
      `${target}phases: [{ do: idle, rate: 3 }]`,
      [/phases\[0\]\.rate: there is no such key in a phase that does idle/],
    ],
    [
      'an unknown activity',
      `${target}phases: [{ do: ech }]`,
      ['load.yaml:2:16: phases[0].do: must be echo, request, pubsub, idle or storm, not "ech". Did you mean echo?'],
    ],
    [
      'no number',
      `${target}phases:\n  - do: echo\n    connections: many`,
      ['load.yaml:4:18: phases[0].connections: must be a whole number from 1 to 1000000, not "many"'],
    ],
    [
      'no time',
      `${target}phases: [{ do: echo, ramp: soon }]`,
      [/phases\[0\]\.ramp: must be a time such as 10s, or \{ over: 10s, steps: 5 \}, not "soon"/],
    ],
    [
      'no time in a section',
      `${target}phases: [{ do: echo, ramp: { over: soon } }]`,
      [/phases\[0\]\.ramp\.over: must be a time such as 500ms/],
    ],
    [
      'another scheme',
      'target: { url: tcp://x }\nphases: [{ do: idle }]',
      [/target\.url: must be a URL that begins with ws:\/\/ or wss:\/\//],
    ],
    [
      'a protocol that cannot',
      'target: { url: ws://x, protocol: pusher }\nphases: [{ do: echo }]',
      ['load.yaml:2:16: phases[0].do: pusher cannot do echo; it can do pubsub, idle, storm'],
    ],
    [
      'a message without a stamp',
      `${target}phases: [{ do: pubsub, connections: 2, message: 'a {{seq}}' }]`,
      [/phases\[0\]\.message: must have \{\{connection\}\}, \{\{time\}\} in it for pubsub, or \{\{stamp\}\}/],
    ],
    [
      'an unknown placeholder',
      `${target}phases: [{ do: echo, message: '{{sequ}}' }]`,
      [/phases\[0\]\.message: has \{\{sequ\}\}, which is none of stamp/],
    ],
    [
      'nobody to subscribe',
      `${target}phases: [{ do: pubsub, connections: 2, publishers: 2 }]`,
      [/phases\[0\]\.publishers: must be less than connections \(2\)/],
    ],
    [
      'channels of one name',
      'target: { url: ws://x, protocol: stomp }\nphases: [{ do: pubsub, connections: 9, channels: 2, channel: a }]',
      [/phases\[0\]\.channel: must have \{\{channel\}\}/],
    ],
    [
      'the same name twice',
      `${target}phases: [{ do: idle, name: a }, { do: idle, name: a }]`,
      [/phases\[1\]\.name: must be another one/],
    ],
    [
      'a user without STOMP',
      'target: { url: ws://x, user: me }\nphases: [{ do: idle }]',
      [/target\.user: is for stomp only/],
    ],
  ])('%s', (_what, text, lines) => {
    const found = inYaml(text);
    for (const [i, line] of lines.entries()) {
      if (typeof line === 'string') expect(found[i]).toBe(line);
      else expect(found.join('\n')).toMatch(line);
    }
    expect(found.length).toBe(lines.length);
  });

  test('of a flag, by its name', () => {
    const entries = [
      { path: ['target', 'url'], name: 'the URL', value: 'ws://x' },
      { path: ['phases', 0, 'do'], name: '--do', value: 'echo' },
      { path: ['phases', 0, 'rate'], name: '--rate', value: 0 },
    ];
    expect(problems(() => scenarioOf(entries))).toEqual(['--rate must be a number above 0, and 10000 at most, not 0']);
  });

  test('never with a token or a password in it', () => {
    const said = problems(() =>
      parseScenario({
        target: { url: 'tcp://me:hunter2@x', token: { a: 'hunter2' }, headers: { a: 'hunter2\n' } },
        phases: [],
      }),
    ).join('\n');
    expect(said).toMatch(/target\.url/);
    expect(said).toMatch(/target\.headers/);
    expect(said).not.toContain('hunter2');
  });
});

test('the reference and the JSON Schema have every key', () => {
  const reference = scenarioReference();
  for (const key of ['target.url', 'connections', 'ramp.steps', 'slow.share', 'publishers', 'waves', 'answer', 'grace'])
    expect(reference).toContain(`| \`${key}\` |`);
  expect(reference).toContain('{{pick:A\\|B\\|C}}');
  expect(reference).toContain('| `handshake.p99` | time |');
  expect(JSON.stringify(jsonSchema())).toContain('"subscriptions"');
});

test('docs/load-testing.md has the reference as it is', () => {
  const page = readFileSync(new URL('../../../docs/load-testing.md', import.meta.url), 'utf8');
  expect(page.endsWith(scenarioReference()), 'the end of the page is made by: tidewire bench reference').toBe(true);
});
