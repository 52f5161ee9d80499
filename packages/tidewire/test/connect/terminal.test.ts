import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import { WebSocketEndpoint } from '@tidewire/server';
import { type Service, startService } from 'tidewire';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Cli, cliPath } from '../support.ts';

// In a pseudo terminal, which the program `script` of util-linux makes.

const hasScript = spawnSync('script', ['--version']).stdout?.toString().includes('util-linux') === true;
if (!hasScript) {
  const advice = 'No `script` of util-linux found, which gives a test a terminal.';
  if (process.env.CI === 'true') throw new Error(advice);
  console.log(`${advice} The tests in a terminal are skipped.`);
}

let service: Service;

beforeAll(async () => {
  service = await startService({ port: 0, only: 'echo' });
});
afterAll(() => service.stop());

/** What a terminal would show of this, if it knew no cursor: without the sequences that move it and set colours. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of a terminal begin with one
const plain = (output: string) => output.replace(/\x1b\[[\d;]*[A-Za-z]/g, '').replaceAll('\r\n', '\n');

/** `tidewire connect` with a person at a terminal of 60 columns. */
class Person {
  readonly cli: Cli;
  /** Where in the output what is still to be looked for begins. */
  #from = 0;

  constructor(args: readonly string[], environment = 'NO_COLOR=1') {
    const command = `stty cols 60 rows 20; exec env ${environment} '${process.execPath}' '${cliPath}' connect ${args.join(' ')}`;
    this.cli = new Cli(['-qec', command, '/dev/null'], 'script', []);
  }

  type(keys: string): void {
    this.cli.process.stdin.write(keys);
  }

  /** Waits for this text behind what was found before. */
  async sees(text: string | RegExp): Promise<void> {
    const pattern = typeof text === 'string' ? new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')) : text;
    for (;;) {
      const rest = plain(this.cli.stdout.slice(this.#from));
      const match = pattern.exec(rest);
      if (match !== null) {
        // Escape sequences may stand in between, so the place is found by shortening.
        let end = this.#from;
        while (!pattern.test(plain(this.cli.stdout.slice(this.#from, end)))) end += 1;
        this.#from = end;
        return;
      }
      if (this.cli.hasEnded) throw new Error(`It ended without ${pattern}: ${this.cli.stdout}`);
      await this.cli.change();
    }
  }
}

async function connected(...args: string[]): Promise<Person> {
  const person = new Person([service.urls.endpoints.echo ?? '', ...args]);
  await person.sees('Connected to ws://');
  await person.sees('> ');
  return person;
}

describe.skipIf(!hasScript)('connect in a terminal', () => {
  test('shows what is sent and what comes, each with its direction and size', async () => {
    const person = await connected();
    person.type('hello\r');
    await person.sees('→ 5 B  hello\n');
    await person.sees('← 5 B  hello\n');
    person.type('/binary 00 41\r');
    await person.sees(/← 2 B {2}binary\n {2}00000000 {2}00 41 +\.A\n/);
    person.type('/ping are you there\r');
    await person.sees('→ ping are you there\n');
    await person.sees(/← pong are you there after \d+\.\d ms\n/);
    person.type('//slash\r');
    await person.sees('← 6 B  /slash\n');
    person.type('/nonsense\r');
    await person.sees('/nonsense is not a command');
    person.type('/help\r');
    await person.sees('/file <path>');
    person.type('/close 4321 enough\r');
    await person.sees("Closed with 4321 (the application's own)");
    expect((await person.cli.finished).code).toBe(0);
  });

  test('writes what comes above the line that is being typed, which stays as it was', async () => {
    const person = await connected('--ping', '200ms');
    const line = 'a line of more than sixty characters, so that it takes two rows of the screen';
    person.type(line);
    await person.sees(line);
    await person.sees('← pong');
    await person.sees(`> ${line}`);
    // The cursor is where it was, too.
    person.type('!\x01START \x05 END\r');
    await person.sees(`← ${line.length + 11} B  START ${line}! END\n`);
    person.type('\x1b[A');
    await person.sees(`> START ${line}! END`);
  });

  test.each([
    ['Ctrl-C', '\x03'],
    ['Ctrl-D', '\x04'],
  ])('closes at %s', async (_name, key) => {
    const person = await connected();
    person.type(key);
    await person.sees('Closed with 1000 (normal closure)\n');
    expect((await person.cli.finished).code).toBe(0);
  });

  test('lets no message move the cursor or colour the screen', async () => {
    const person = await connected();
    person.type('/binary 1b5b324a\r');
    await person.sees('.[2J');
    const { hostile } = await hostileServer();
    const other = new Person([hostile]);
    await other.sees('← 7 B  \\x1b[2J');
    await other.sees("Closed with 4000 (the application's own): \\x1b[31mred");
    expect((await other.cli.finished).stdout).not.toContain('\x1b[2J');
  });

  test('has colours, unless NO_COLOR says otherwise', async () => {
    const url = service.urls.endpoints.echo ?? '';
    const coloured = new Person([url], '-u NO_COLOR -u CI TERM=xterm-256color');
    await coloured.sees('Connected');
    expect(coloured.cli.stdout).toContain('\x1b[32mConnected');
    const plainOne = new Person([url], 'TERM=xterm-256color NO_COLOR=1');
    await plainOne.sees('Connected');
    expect(plainOne.cli.stdout).not.toContain('\x1b[32m');
  });

  test('sends what was typed before the connection was open', async () => {
    const person = new Person([service.urls.endpoints.echo ?? '']);
    person.type('early\r');
    await person.sees('← 5 B  early\n');
  });

  test('leaves the terminal as it was when the connection fails', async () => {
    const person = new Person(['ws://127.0.0.1:1/']);
    const { code, stdout } = await person.cli.finished;
    expect(plain(stdout)).toBe('tidewire: Could not connect to ws://127.0.0.1:1/: nobody listens there\n');
    expect(code).toBe(1);
  });
});

/** A server that tries what a terminal could be made to do. */
async function hostileServer(): Promise<{ readonly hostile: string }> {
  const endpoint = new WebSocketEndpoint<undefined>({
    open: (socket) => {
      socket.send('\x1b[2J\x1b[H');
      socket.close(4000, '\x1b[31mred');
    },
  });
  const server = createServer();
  endpoint.attach(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  return { hostile: `ws://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/` };
}
