import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';

// The scripts of `tidewire completion` in the shells that they are for, each in a pseudo terminal, with a person at the Tab key.

const cli = fileURLToPath(new URL('../../packages/tidewire/dist/cli.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tidewire-shells-'));

beforeAll(() => {
  const command = `#!/bin/sh\nexec '${process.execPath}' '${cli}' "$@"\n`;
  writeFileSync(join(folder, 'tidewire'), command, { mode: 0o755 });
  writeFileSync(join(folder, 'only-file.yaml'), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

const environment = {
  PATH: `${folder}:${process.env.PATH}`,
  HOME: folder,
  TERM: 'xterm',
  LANG: 'C.UTF-8',
  PS1: 'ready> ',
};

/** What is typed before the Tab key, and what it becomes. */
const typed = [
  ['tidewire conn', 'connect'],
  ['tidewire serve --max-c', '--max-connections'],
  ['tidewire serve --engine re', 'redis'],
  ['tidewire config check only', 'only-file.yaml'],
] as const;

describe.each([
  { name: 'bash', path: '/bin/bash', start: '--norc --noprofile -i', load: 'source <(tidewire completion bash)' },
  {
    name: 'zsh',
    path: inject('zsh'),
    start: '-f -i',
    load: 'autoload -Uz compinit && compinit -u -D && source <(tidewire completion zsh)',
  },
])('in $name', ({ path, start, load }) => {
  it.skipIf(path === '')('commands, flags, values and files are completed at the Tab key', async () => {
    const terminal = new Terminal(`${path} ${start}`);
    await terminal.sees('ready> ');
    // The quotes keep the echo of what is typed from being taken for what it says.
    terminal.type(`${load}; echo "is"-loaded\r`);
    await terminal.sees('is-loaded');
    await terminal.sees('ready> ');
    for (const [before, completed] of typed) {
      terminal.type(before);
      await terminal.sees(before.slice(-3));
      terminal.type('\t');
      await terminal.sees(completed.slice((before.split(' ').at(-1) ?? '').length));
      // Ctrl-U empties the line: an interrupt would throw away what is typed next, if the shell is slow.
      terminal.type('\u0015');
    }
  });
});

describe('in fish', () => {
  const fish = inject('fish');
  it.skipIf(fish === '').each(typed)('%s is completed to %s', (before, completed) => {
    // Fish tells what it would offer.
    const script = `tidewire completion fish | source; complete -C '${before}'`;
    const offered = execFileSync(fish, ['--no-config', '-c', script], {
      cwd: folder,
      env: environment,
      encoding: 'utf8',
    });
    expect(offered.split('\n').map((line) => line.split('\t')[0])).toContain(completed);
  });
});

/** A shell that runs in a pseudo terminal, as `script` of util-linux makes it. */
class Terminal {
  readonly #process;
  #output = '';
  #changed: () => void = () => {};

  constructor(command: string) {
    this.#process = spawn('script', ['-qec', command, '/dev/null'], { cwd: folder, env: environment });
    this.#process.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
      this.#changed();
    });
    onTestFinished(() => {
      this.#process.kill('SIGKILL');
    });
  }

  type(keys: string): void {
    this.#process.stdin.write(keys);
  }

  /** Waits for this text, and forgets what came before it. */
  async sees(text: string): Promise<void> {
    for (;;) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of a terminal begin with one
      const plain = this.#output.replace(/\x1b\[[\d;?]*[A-Za-z]/g, '');
      const at = plain.indexOf(text);
      if (at !== -1) {
        this.#output = plain.slice(at + text.length);
        return;
      }
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }
}
