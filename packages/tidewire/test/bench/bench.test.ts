import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocketEndpoint } from '@tidewire/server';
import { type Service, startService } from 'tidewire';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Cli, cliPath, run } from '../support.ts';

const folder = mkdtempSync(join(tmpdir(), 'tidewire-bench-'));
const file = (name: string) => join(folder, name);
let service: Service;
let url = '';

beforeAll(async () => {
  service = await startService({ port: 0, only: 'echo' });
  url = service.urls.endpoints.echo ?? '';
});
afterAll(async () => {
  await service.stop();
  rmSync(folder, { recursive: true });
});

const short = ['--connections', '4', '--rate', '20', '--duration', '500ms', '--seed', '7'];

describe('a load test from the command line', () => {
  test('shows a table, writes JSON and a page, and ends with 0', async () => {
    const [json, html] = [file('load.json'), file('load.html')];
    const { code, stdout, stderr } = await run([
      'bench',
      url,
      ...short,
      '--json',
      json,
      '--html',
      html,
      '--fail-if',
      'lost>0',
    ]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('seed 7');
    expect(stdout).toMatch(/received +40 of 40/);
    expect(stdout).toMatch(/checked +0 lost, 0 twice, 0 out of order/);
    const figures = stdout.split('\n').filter((line) => / p50 .* p99\.9 /.test(line));
    expect(figures.length).toBeGreaterThan(3);
    for (const line of figures) expect(line.length).toBeLessThanOrEqual(80);
    expect(stdout).toMatch(/passed {2}--fail-if lost>0 {2}in echo: 0/);
    const outcome = JSON.parse(readFileSync(json, 'utf8'));
    expect(outcome).toMatchObject({
      seed: 7,
      protocol: 'plain',
      wasInterrupted: false,
      thresholds: [{ hasFailed: false }],
    });
    expect(outcome.phases[0].counters).toMatchObject({ sent: 40, received: 40, lost: 0 });
    expect(readFileSync(html, 'utf8')).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('ends with 1 if a condition holds, with the JSON alone on stdout', async () => {
    const { code, stdout, stderr } = await run([
      'bench',
      url,
      ...short,
      '--json',
      '-',
      '--fail-if',
      'received<=40',
      '--quiet',
    ]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout).thresholds).toEqual([
      { failIf: 'received<=40', phase: 'echo', value: 40, hasFailed: true },
    ]);
    expect(stderr).toMatch(/FAILED {2}--fail-if received<=40 {2}in echo: 40/);
  });

  test('runs a scenario from a file, against another server than that of the file', async () => {
    writeFileSync(
      file('two.yaml'),
      'target: { url: "ws://127.0.0.1:1/" }\nphases: [{ do: idle, duration: 50ms }, { do: echo, rate: 20, duration: 500ms }]\n',
    );
    const { code, stdout } = await run(['bench', file('two.yaml'), '--url', url]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nidle\n[\s\S]*\necho\n[\s\S]*received +10 of 10/);
  });

  test('Ctrl-C ends it early, with a report', async () => {
    const json = file('early.json');
    const cli = new Cli(['bench', url, '--rate', '50', '--duration', '1h', '--json', json]);
    await sees(cli, /running, \d+ s/);
    cli.process.kill('SIGINT');
    // Behind npm, one key is two signals. Two of the same kind could be one by the time that they are looked at.
    cli.process.kill('SIGTERM');
    const { code, stdout } = await cli.finished;
    expect(code).toBe(130);
    expect(stdout).toContain('It was ended early');
    expect(JSON.parse(readFileSync(json, 'utf8'))).toMatchObject({ wasInterrupted: true });
  });

  test('its example is a scenario, and its schema and reference can be read', async () => {
    const [example, schema, reference] = await Promise.all(
      ['example', 'schema', 'reference'].map((name) => run(['bench', name])),
    );
    writeFileSync(file('example.yaml'), example?.stdout ?? '');
    const { code, stderr } = await run(['bench', file('example.yaml'), '--url', 'ws://127.0.0.1:1/']);
    // All that is wrong with it is that nobody listens.
    expect([code, stderr]).toEqual([2, 'tidewire: Could not connect to ws://127.0.0.1:1/: nobody listens there\n']);
    expect(JSON.parse(schema?.stdout ?? '')).toHaveProperty('properties.phases');
    expect(reference?.stdout).toContain('| `target.url` |');
  });
});

describe('a mistake is a line on stderr and exit code 2, and nothing is written:', () => {
  test.each<[what: string, args: () => string[], lines: RegExp]>([
    ['nothing to test', () => [], /a URL or the file of a scenario is missing/],
    ['no such file', () => [file('none.yaml')], /none\.yaml: cannot be read: there is no such file/],
    ['nobody there', () => ['ws://127.0.0.1:1/'], /Could not connect to ws:\/\/127\.0\.0\.1:1\/: nobody listens there/],
    [
      'two flags',
      () => [url, '--ramp', 'soon', '--spacing', 'fixd'],
      /--ramp must be a time.*\n.*--spacing must be fixed, uniform or exponential, not "fixd"\. Did you mean fixed\?/,
    ],
    ['a condition that is none', () => [url, '--fail-if', 'p99'], /--fail-if p99 must be a metric/],
    [
      'a folder that is not there',
      () => [url, '--html', join(folder, 'no', 'x.html')],
      /--html .*: cannot be written: there is no such directory/,
    ],
    ['a folder for a file', () => [url, '--json', folder], /--json .*: cannot be written: it is a directory/],
    ['a flag beside a file', () => [file('two.yaml'), '--rate', '3'], /--rate is for a run without a scenario/],
    ['more connections than files', () => [url, '--connections', '1000000'], /1000000 connections need /],
  ])('%s', async (_what, args, lines) => {
    const json = file('never.json');
    const { code, stdout, stderr } = await run([
      'bench',
      '--quiet',
      ...args(),
      ...(args().includes('--json') ? [] : ['--json', json]),
    ]);
    expect(stderr).toMatch(lines);
    expect([code, stdout]).toEqual([2, '']);
    expect(
      stderr
        .trimEnd()
        .split('\n')
        .every((line) => line.startsWith('tidewire: ')),
    ).toBe(true);
    expect(existsSync(json)).toBe(false);
  });
});

const hasScript = spawnSync('script', ['--version']).stdout?.toString().includes('util-linux') === true;

describe.skipIf(!hasScript)('in a terminal', () => {
  test('the progress is drawn in place, and makes room for the table', async () => {
    const command = `stty cols 70 rows 20; exec env NO_COLOR=1 '${process.execPath}' '${cliPath}' bench ${url} --connections 5 --rate 20 --duration 3s`;
    const cli = new Cli(['-qec', command, '/dev/null'], 'script', []);
    await cli.shows(/echo {2}\(1 of 1\) {2}running, [12] s of 3 s/);
    await cli.shows(/sent +100\/s {2}[▁▂▃▄▅▆▇█]/);
    await cli.shows(/latency p99 +\S+ (?:ms|µs|s)/);
    const { code, stdout } = await cli.finished;
    expect(code).toBe(0);
    // It goes up over what it has drawn, and clears that, each time.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of a terminal begin with one
    expect(stdout.match(/\x1b\[\d+A\x1b\[1G\x1b\[0J/g)?.length).toBeGreaterThan(5);
    const table = stdout.slice(stdout.lastIndexOf('\x1b[0J') + 4);
    expect(table).toMatch(/^Load test: ws:[\s\S]*received +300 of 300/);
    for (const line of stdout.split('\n')) if (line.includes('█')) expect(line.length).toBeLessThan(100);
  });

  test('Ctrl-C ends it early there, too', async () => {
    const command = `stty cols 70 rows 20; exec env NO_COLOR=1 '${process.execPath}' '${cliPath}' bench ${url} --rate 20 --duration 1h`;
    const cli = new Cli(['-qec', command, '/dev/null'], 'script', []);
    await cli.shows(/running, [12] s/);
    cli.process.stdin.write('\x03');
    const { code, stdout } = await cli.finished;
    expect(code).toBe(130);
    expect(stdout).toContain('It was ended early');
  });

  test('a second Ctrl-C exits at once, whatever is still waited for, and nothing is written', async () => {
    const json = file('at-once.json');
    const command = `stty cols 100 rows 20; exec env NO_COLOR=1 '${process.execPath}' '${cliPath}' bench ${await takesOneOnly()} --json ${json}`;
    const cli = new Cli(['-qec', command, '/dev/null'], 'script', []);
    await cli.shows(/opening connections, [12] s/);
    cli.process.stdin.write('\x03');
    // It is drawn four times in a second. Two signals within 0.3 s may be one key.
    await cli.shows(/(?:It is ending\. Another Ctrl-C exits at once\.[\s\S]*){3}/);
    cli.process.stdin.write('\x03');
    const { code, stdout } = await cli.finished;
    expect(code).toBe(130);
    expect(stdout).not.toContain('It was ended early');
    expect(existsSync(json)).toBe(false);
  });
});

/** A server that takes its first connection, and never answers the handshakes of others. @returns its URL */
async function takesOneOnly(): Promise<string> {
  let count = 0;
  const endpoint = new WebSocketEndpoint({
    handshakeTimeout: false,
    upgrade: () => {
      count += 1;
      return count === 1 ? { data: undefined } : new Promise<never>(() => {});
    },
  });
  const server = createServer();
  endpoint.attach(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('It does not listen');
  return `ws://127.0.0.1:${address.port}/`;
}

/** Waits until stderr matches. */
async function sees(cli: Cli, pattern: RegExp): Promise<void> {
  while (!pattern.test(cli.stderr)) {
    if (cli.hasEnded) throw new Error(`It ended without ${pattern}: ${cli.stderr}`);
    await new Promise((resolve) => cli.process.stderr.once('data', resolve));
  }
}
