import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { transformWithOxc } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { centrifugeEndpoint } from './drop-in/support/centrifuge-server.ts';
import { graphqlEndpoint } from './drop-in/support/graphql-server.ts';
import { listen } from './drop-in/support/serving.ts';
import { stompEndpoint } from './drop-in/support/stomp-server.ts';

// Every `ts` block of the documentation is checked by the compiler and run against the built packages. Port 8080 stands
// for a free one: a block that listens gets its own, and those after it talk to that. Three URLs of example.com stand for
// servers that speak what the libraries in the examples do, and hub.example.com for a service with the configuration of
// docs/hub.md.

const root = new URL('../', import.meta.url);
const folder = new URL('node_modules/.tidewire-examples/', root);
const pages = [
  'README.md',
  'packages/hub/README.md',
  'packages/codecs/README.md',
  ...readdirSync(new URL('docs/', root), { encoding: 'utf8', recursive: true })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

interface Example {
  page: string;
  line: number;
  code: string;
}

function examplesOf(page: string): Example[] {
  const text = readFileSync(new URL(page, root), 'utf8');
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match) => ({
    page,
    line: text.slice(0, match.index).split('\n').length,
    code: match[1] ?? '',
  }));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** The built service. */
async function serveHub(): Promise<{ url: string; close: () => void }> {
  const page = readFileSync(new URL('docs/hub.md', root), 'utf8');
  const file = new URL('hub.yaml', folder);
  writeFileSync(file, /^```yaml\n(# tidewire\.yaml\n[\s\S]*?)^```$/m.exec(page)?.[1] ?? '');
  const words = ['packages/tidewire/dist/cli.js', 'serve', '--port', '0', '--config', file.pathname];
  const service: ChildProcess = spawn(process.execPath, words, { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  const port = await new Promise<string>((resolve, reject) => {
    service.once('exit', () => reject(new Error(`The service has ended: ${said}`)));
    service.stdout?.setEncoding('utf8').on('data', (part: string) => {
      said += part;
      const [, found] = /hub +ws:\/\/127\.0\.0\.1:(\d+)\//.exec(said) ?? [];
      if (found !== undefined) resolve(found);
    });
  });
  return { url: `ws://127.0.0.1:${port}/connection/websocket`, close: () => service.kill() };
}

const nameOf = ({ page, line }: Example) => `${page.replace(/\W+/g, '-')}-${line}`;
const all = pages.map((page) => ({ page, examples: examplesOf(page) })).filter(({ examples }) => examples.length > 0);

const standIns = {
  'wss://hub.example.com/connection/websocket': () => serveHub(),
  'wss://example.com/connection/websocket': () => listen(centrifugeEndpoint()),
  'wss://example.com/graphql': () => listen(graphqlEndpoint()),
  'wss://example.com/stomp': () => listen(stompEndpoint()),
};
const stops: (() => void)[] = [];

afterAll(() => {
  for (const stop of stops) stop();
});

beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const replacements: [name: string, url: string][] = [];
  for (const [name, start] of Object.entries(standIns)) {
    const { url, close } = await start();
    replacements.push([name, url]);
    stops.push(close);
  }
  for (const { examples } of all) {
    let port = await freePort();
    for (const example of examples) {
      if (example.code.includes('listen(')) port = await freePort();
      const name = nameOf(example);
      writeFileSync(new URL(`${name}.ts`, folder), `${example.code}\nexport {};\n`);
      let text = example.code.replaceAll('8080', String(port));
      for (const [from, to] of replacements) text = text.replaceAll(from, to);
      const { code } = await transformWithOxc(text, `${name}.ts`);
      writeFileSync(new URL(`${name}.mjs`, folder), code);
    }
  }
  writeFileSync(
    new URL('tsconfig.json', folder),
    JSON.stringify({
      extends: '../../tsconfig.base.json',
      compilerOptions: {
        noEmit: true,
        composite: false,
        declaration: false,
        declarationMap: false,
        noUnusedLocals: false,
        noUnusedParameters: false,
        types: ['node'],
        lib: ['ES2023', 'DOM', 'DOM.Iterable'],
      },
      include: ['*.ts'],
    }),
  );
});

describe('the examples of the documentation', () => {
  it('satisfy the compiler', () => {
    try {
      execFileSync('node_modules/.bin/tsc', ['-p', 'node_modules/.tidewire-examples'], { cwd: root, encoding: 'utf8' });
    } catch (error) {
      expect.fail(String((error as { stdout?: unknown }).stdout));
    }
  });

  it.each(all)('of $page run', async ({ examples }) => {
    const files = examples.map((example) => new URL(`${nameOf(example)}.mjs`, folder).pathname);
    const run = promisify(execFile)(process.execPath, [new URL('test/run-examples.mjs', root).pathname, ...files], {
      timeout: 15_000,
    });
    await expect(run).resolves.toBeDefined();
  });
});
