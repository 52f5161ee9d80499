import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Cli, cliPath, run } from './support.ts';

// docs/cli.md is made of what the commands say. Every `console` block of it is run, and must show what it says; `…` stands for more lines, and `"…"` for any text. Services go on
// running for the blocks that follow.

const page = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'tidewire-docs-'));

interface Example {
  readonly command: string;
  readonly output: string;
}

const examples = [...page.matchAll(/^```console\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']): Example[] =>
  block
    .split(/^\$ /m)
    .slice(1)
    .map((text) => {
      const [command = '', ...output] = text.split('\n');
      return { command, output: output.join('\n') };
    }),
);

/** Free ports in place of those of the page. */
const ports = new Map<string, number>();

beforeAll(async () => {
  for (const port of ['8080', '8081', '8443']) ports.set(port, await freePort());
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }]);
  writeFileSync(join(folder, 'cert.pem'), cert);
  writeFileSync(join(folder, 'key.pem'), key);
  const shim = `#!/bin/sh\nexec '${process.execPath}' '${cliPath}' "$@"\n`;
  writeFileSync(join(folder, 'tidewire'), shim, { mode: 0o755 });
});
afterAll(() => rmSync(folder, { recursive: true }));

const onFreePorts = (text: string) => text.replace(/\b(8080|8081|8443)\b/g, (port) => String(ports.get(port)));
const environment = { ...process.env, PATH: `${folder}:${process.env.PATH}` };

describe('the documentation', () => {
  test('shows what the commands really do', { timeout: 60_000 }, async () => {
    expect(examples.length).toBeGreaterThan(6);
    for (const { command, output } of examples) {
      const shown = await outcomeOf(onFreePorts(command), onFreePorts(output));
      expect.soft(shown, command).toMatch(patternOf(onFreePorts(output)));
    }
  });

  test('is what the commands say of themselves', async () => {
    expect((await run(['manual'])).stdout, 'docs/cli.md is made by: tidewire manual > docs/cli.md').toBe(page);
  });
});

async function outcomeOf(command: string, output: string): Promise<string> {
  if (!/^tidewire (?:serve|echo)/.test(command)) {
    const { stdout, stderr } = spawnSync('bash', ['-c', command], { cwd: folder, env: environment, timeout: 10_000 });
    // What a connection says of itself is beside the point of the examples.
    return `${stdout}${stderr}`.replace(/^(?:Connected to|Closed with) .*\n/gm, '');
  }
  const port = command.includes('--port') ? '' : onFreePorts(' --port 8080');
  const cli = new Cli(['-c', `cd '${folder}' && exec ${command}${port}`], 'bash', [], environment);
  await cli.shows(patternOf(output));
  return cli.stdout;
}

function patternOf(output: string): RegExp {
  const escaped = output
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replace(/…\n$/, '[\\s\\S]*')
    .replaceAll('"…"', '"[^"]*"');
  return new RegExp(`^${escaped}$`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
