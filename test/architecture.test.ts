import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

// The rules of ARCHITECTURE.md that a program can hold.

const root = new URL('../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '');

/** From the innermost outwards: a layer may import from those before it, and from the packages that are named with it. */
const layers: { name: string; packages: string[]; mayUseNode: boolean }[] = [
  { name: '@tidewire/protocol', packages: [], mayUseNode: false },
  { name: '@tidewire/tunnel', packages: [], mayUseNode: false },
  { name: '@tidewire/node', packages: [], mayUseNode: true },
  { name: '@tidewire/server', packages: [], mayUseNode: true },
  { name: '@tidewire/client', packages: [], mayUseNode: true },
  { name: '@tidewire/hub', packages: ['jose'], mayUseNode: true },
  { name: '@tidewire/engine-disk', packages: ['classic-level'], mayUseNode: true },
  { name: '@tidewire/engine-nats', packages: ['@nats-io/transport-node', '@nats-io/jetstream'], mayUseNode: true },
  { name: '@tidewire/engine-redis', packages: ['redis'], mayUseNode: true },
  { name: '@tidewire/dialects', packages: [], mayUseNode: true },
  { name: '@tidewire/codecs', packages: [], mayUseNode: false },
  { name: '@tidewire/inspector', packages: [], mayUseNode: true },
  { name: '@tidewire/load', packages: ['hdr-histogram-js', 'uplot', 'yaml', 'zod'], mayUseNode: true },
  { name: '@tidewire/gateway', packages: ['prom-client', 'saxes'], mayUseNode: true },
  {
    name: '@tidewire/console',
    packages: ['centrifuge', 'preact', 'uplot'],
    mayUseNode: false,
  },
  {
    name: 'tidewire',
    packages: [
      ...['@hono/node-server', '@hono/zod-openapi', 'hono', 'jose', 'prom-client', 'yaml', 'zod'],
      ...['commander', 'open', 'pino', 'pino-pretty'],
    ],
    mayUseNode: true,
  },
];

const folderOf = (name: string) => `packages/${name.replace('@tidewire/', '')}`;
const sourcesOf = (name: string) =>
  tracked.filter((path) => path.startsWith(`${folderOf(name)}/src/`) && /\.tsx?$/.test(path));

function importsOf(source: string): string[] {
  const statements =
    /(?:^|\n)\s*(?:import|export)\s(?:[^'";]*?\sfrom\s*)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g;
  return [...source.matchAll(statements)].map(([, statement, call]) => statement ?? call ?? '');
}

/** The package that an import names, or `undefined` for a file of the same one. */
function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('.')) return undefined;
  const [first = '', second = ''] = specifier.split('/');
  return first.startsWith('@') ? `${first}/${second}` : first;
}

describe('the layers', () => {
  it.each(layers.map((layer, i) => ({ ...layer, below: layers.slice(0, i).map(({ name }) => name) })))(
    '$name imports from the layers before it only',
    ({ name, packages, mayUseNode, below }) => {
      const sources = sourcesOf(name);
      expect(sources.length).toBeGreaterThan(0);
      const allowed = new Set([...below, ...packages]);
      const wrong = sources.flatMap((path) =>
        importsOf(read(path))
          .map((specifier) => ({ path, specifier, from: packageOf(specifier) }))
          .filter(({ from }) => from !== undefined && !(from.startsWith('node:') ? mayUseNode : allowed.has(from))),
      );
      expect(wrong).toEqual([]);
    },
  );

  it.each(['protocol', 'tunnel', 'node', 'server', 'client'])(
    '%s has no dependencies but the layers before it',
    (folder) => {
      const { dependencies = {} } = JSON.parse(read(`packages/${folder}/package.json`));
      expect(Object.keys(dependencies).filter((name) => !name.startsWith('@tidewire/'))).toEqual([]);
    },
  );

  it.each(['protocol', 'tunnel'])('%s knows no socket, timer, Buffer or document', (folder) => {
    const foreign =
      /\b(?:Buffer|process|setTimeout|setInterval|setImmediate|queueMicrotask|window(?=\.)|document|TextDecoder|TextEncoder)\b/;
    const code = (path: string) => read(path).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    expect(sourcesOf(`@tidewire/${folder}`).filter((path) => foreign.test(code(path)))).toEqual([]);
  });

  it('the recordings of the inspector run in browsers, too', () => {
    const sources = sourcesOf('@tidewire/inspector').filter((path) => path.includes('/src/recording/'));
    expect(sources.length).toBeGreaterThan(5);
    const code = (path: string) => read(path).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    const wrong = sources.filter((path) => {
      const foreign = importsOf(read(path)).filter((specifier) => !specifier.startsWith('./'));
      return foreign.some((specifier) => specifier !== '@tidewire/codecs') || /\b(?:Buffer|process)\b/.test(code(path));
    });
    expect(wrong).toEqual([]);
  });

  it('nothing reaches past the front door of another package', () => {
    const inside = /(?:packages\/|\.\.\/\.\.\/)[a-z-]+\/src\//;
    const wrong = tracked
      .filter((path) => /^packages\/[a-z-]+\/src\/.*\.tsx?$/.test(path))
      .filter((path) => importsOf(read(path)).some((specifier) => inside.test(specifier)));
    expect(wrong).toEqual([]);
  });
});

describe('the repository', () => {
  it('has no file over 1 MiB', () => {
    expect(
      tracked.filter((path) => (statSync(new URL(path, root), { throwIfNoEntry: false })?.size ?? 0) > 1024 * 1024),
    ).toEqual([]);
  });

  it('names no download address in its lock files', () => {
    for (const path of tracked.filter((each) => each.endsWith('package-lock.json')))
      expect(read(path)).not.toMatch(/"resolved": "http/);
  });
});

describe('ARCHITECTURE.md', () => {
  it('draws the states that the table has', async () => {
    const { stateDiagram } = await import('@tidewire/protocol');
    expect(read('ARCHITECTURE.md')).toContain(stateDiagram());
  });
});

describe('docs/client.md', () => {
  it('draws the states that the table has', async () => {
    const { reconnectingDiagram } = await import('@tidewire/client');
    expect(read('docs/client.md')).toContain(reconnectingDiagram());
  });
});

describe('the documentation', () => {
  /** Without what is quoted. */
  const textOf = (path: string) => read(path).replace(/^ *```[\s\S]*?^ *```$/gm, '');
  /** What a part of a page is called in a link, as GitHub makes it of a heading. */
  const anchorsOf = (path: string) => {
    const headings = [...textOf(path).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
      heading
        .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .toLowerCase()
        .replace(/[^\p{L}\p{N}_\- ]/gu, '')
        .replaceAll(' ', '-'),
    );
    const named = [...textOf(path).matchAll(/ id="([^"]+)"/g)].map(([, name = '']) => name);
    return new Set([...headings, ...named]);
  };

  it('leads nowhere that is not there', () => {
    const pages = tracked.filter((path) => path.endsWith('.md') && existsSync(new URL(path, root)));
    expect(pages.length).toBeGreaterThan(20);
    const broken = pages.flatMap((page) =>
      [...textOf(page).matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)]
        .map(([, link = '']) => link)
        .filter((link) => {
          const target = new URL(link, new URL(page, root));
          if (!existsSync(target)) return true;
          const path = target.pathname.slice(root.pathname.length);
          return target.hash !== '' && path.endsWith('.md') && !anchorsOf(path).has(target.hash.slice(1));
        })
        .map((link) => `${page}: ${link}`),
    );
    expect(broken).toEqual([]);
  });
});
