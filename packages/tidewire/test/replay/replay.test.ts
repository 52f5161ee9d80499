import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { parseJsonLines, toHar } from '@tidewire/inspector/recording';
import { describe, expect, test } from 'vitest';
import { Cli, cliPath, run } from '../support.ts';
import { fileOf, linesOf, recordingOf, serverOf } from './support.ts';

/** Two connections of which the first is closed by its client. */
const recorded = recordingOf(
  {
    happened: [
      [0, 'up', 'one'],
      [5, 'down', 'one'],
      [150, 'up', Uint8Array.of(0, 1, 254)],
      [155, 'down', Uint8Array.of(0, 1, 254)],
      [160, 'up', Uint8Array.of(9), { opcode: 9 }],
    ],
    end: { code: 4001, reason: 'enough' },
  },
  {
    happened: [
      [100, 'up', 'two'],
      [110, 'down', 'two'],
    ],
  },
);
const last = (stdout: string) => stdout.trim().split('\n').at(-1);

describe('replay', () => {
  test('sends what went to the server, at its time and over as many connections, and closes them as they were closed', async () => {
    const server = await serverOf();
    const { code, stdout, stderr } = await run(['replay', fileOf(linesOf(recorded)), server.url, '--compare']);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^Sent 3 messages over 2 connections in \d\.\d\d s; 3 came back, 3 when it was recorded\n/);
    expect(stdout).toMatch(/^Behind the schedule by \d+\.\d ms at the median, \d+\.\d ms at most$/m);
    expect(last(stdout)).toBe('All was as recorded');
    expect(code).toBe(0);
    expect(server.messages.map(({ data }) => data)).toEqual(['one', 'two', Uint8Array.of(0, 1, 254)]);
    const [first, , third] = server.messages.map(({ at }) => at);
    // The first waits for its connection, which counts from the beginning, too.
    expect((third ?? 0) - (first ?? 0)).toBeLessThan(2000);
    expect(server.ends).toEqual(
      expect.arrayContaining([
        [4001, 'enough'],
        [1000, ''],
      ]),
    );
  });

  test('goes by the times of the recording, faster, slower, or not at all', async () => {
    const timed = recordingOf({
      happened: [0, 1, 2, 3, 4].map((index) => [1000 + index * 100, 'up', String(index)] as const),
      end: { at: 1_790_000_001_500 },
    });
    const server = await serverOf({ message: () => {} });
    const took = async (speed: string) => {
      const from = server.messages.length;
      await run(['replay', fileOf(linesOf(timed)), server.url, '--speed', speed, '--wait', '1ms']);
      const times = server.messages.slice(from).map(({ at }) => at);
      return (times.at(-1) ?? 0) - (times[0] ?? 0);
    };
    const [recordedSpeed, slow, fastest] = [await took('1'), await took('0.5'), await took('max')];
    expect(recordedSpeed).toBeGreaterThan(250);
    expect(slow).toBeGreaterThan(600);
    expect(fastest).toBeLessThan(200);
  });

  test('reads a HAR, also from its input, and says what it leaves out', async () => {
    const server = await serverOf();
    const har = JSON.parse(toHar(recorded, '1.0.0'));
    har.log.entries.push({ request: { url: 'https://example.com/' }, response: { status: 200 } });
    const { code, stdout, stderr } = await run(['replay', '-', server.url, '--speed', '10'], JSON.stringify(har));
    expect(stderr).toBe('tidewire: 1 request of the HAR is no WebSocket, and left out\n');
    expect([code, last(stdout)]).toEqual([0, 'All was as recorded']);
  });

  test('reads a file that was cut off, and says so', async () => {
    const server = await serverOf();
    const cut = linesOf(recorded).slice(0, -10);
    const { code, stderr } = await run(['replay', '-', server.url, '--speed', 'max'], cut);
    expect([code, stderr]).toEqual([0, 'tidewire: The last line of the recording is not whole, and was left out\n']);
  });

  test('sends only the connections that are named, with the headers, subprotocols and path that are wanted', async () => {
    const server = await serverOf({ subprotocols: ['v2', 'v3'] });
    const asking = recordingOf(
      ...[
        {},
        {
          record: {
            request: {
              method: 'GET',
              httpVersion: 'HTTP/1.1',
              headers: [['sec-websocket-protocol', 'v1, v2'] as const],
            },
          },
        },
      ],
    );
    const flags = ['--connection', '2', '-H', 'X-Who: me', '--keep-path'];
    expect((await run(['replay', fileOf(linesOf(asking)), server.url, ...flags])).code).toBe(0);
    await run(['replay', fileOf(linesOf(asking)), server.url, '--connection', '2', '-s', 'v3']);
    const heads = server.requests.map(({ url, headers }) => [url, headers['sec-websocket-protocol'], headers['x-who']]);
    expect(heads).toEqual([
      ['/feed?room=1', 'v1, v2', 'me'],
      ['/', 'v3', undefined],
    ]);
  });

  test('sends what went on: what was edited as it was then, and nothing that was dropped', async () => {
    const server = await serverOf();
    const interfered = recordingOf({
      happened: [
        [0, 'up', 'changed', { fate: 'edited', original: 'before' }],
        [1, 'up', 'gone', { fate: 'dropped' }],
        [2, 'up', 'added', { fate: 'injected' }],
        [3, 'down', 'for the client', { fate: 'edited', original: 'changed' }],
        [4, 'down', 'added', { fate: 'dropped' }],
        [5, 'down', 'ours', { fate: 'injected' }],
      ],
    });
    const { code, stdout } = await run(['replay', fileOf(linesOf(interfered)), server.url, '--compare']);
    expect(server.messages.map(({ data }) => data)).toEqual(['changed', 'added']);
    expect([code, last(stdout)]).toEqual([0, 'All was as recorded']);
  });

  test('writes down what happens, with secrets masked unless told otherwise', async () => {
    const server = await serverOf();
    const secret = recordingOf({
      happened: [
        [0, 'up', '{"token":"abc"}'],
        [1, 'down', '{"token":"abc"}'],
      ],
      end: {},
    });
    const now = `${fileOf('')}.now`;
    const args = ['replay', fileOf(linesOf(secret)), server.url, '--record', now, '-H', 'Authorization: Bearer xyz'];
    expect((await run(args)).code).toBe(0);
    const { connections, messages } = parseJsonLines(readFileSync(now, 'utf8'));
    expect(connections).toEqual([
      expect.objectContaining({
        url: server.url,
        request: expect.objectContaining({ headers: [['Authorization', 'Bearer •••• (masked)']] }),
        response: expect.objectContaining({ status: 101 }),
        end: expect.objectContaining({ code: 1000, by: 'client', wasClean: true }),
      }),
    ]);
    expect(messages.map(({ direction, data }) => [direction, data])).toEqual([
      ['toServer', '{"token":"•••• (masked)"}'],
      ['toClient', '{"token":"•••• (masked)"}'],
    ]);
    rmSync(now);
    expect((await run([...args, '--show-secrets'])).code).toBe(0);
    expect(parseJsonLines(readFileSync(now, 'utf8')).messages[0]?.data).toBe('{"token":"abc"}');
    // What was masked can be sent again, which is said, and is compared as it was masked.
    rmSync(now);
    await run(args);
    const masked = await run(['replay', now, server.url, '--compare']);
    expect(masked.stderr).toBe(
      'tidewire: 1 message of the recording had secrets, and will be sent with masks in their place\n',
    );
    expect(masked.code).toBe(0);
  });

  const hasScript = spawnSync('script', ['--version']).stdout?.toString().includes('util-linux') === true;
  test.skipIf(!hasScript)('shows in a terminal how far it is, and takes that away at the end', async () => {
    const server = await serverOf();
    const long = recordingOf({
      happened: [
        [0, 'up', 'a'],
        [700, 'up', 'b'],
      ],
    });
    const command = `stty cols 60 rows 20; '${process.execPath}' '${cliPath}' replay '${fileOf(linesOf(long))}' ${server.url} --wait 1ms`;
    const { stdout } = await new Cli(['-qec', command, '/dev/null'], 'script', []).finished;
    expect(stdout).toMatch(/\r.{1,4}\d\.\d s: [01] of 2 sent, [01] came back, 1 open/);
    expect(stdout).toMatch(/\r.{1,4}Sent 2 messages/);
  });

  test('ends with all connections closed on Ctrl-C', async () => {
    const server = await serverOf();
    const cli = new Cli([
      'replay',
      fileOf(
        linesOf(
          recordingOf({
            happened: [
              [0, 'up', 'a'],
              [60_000, 'up', 'b'],
            ],
          }),
        ),
      ),
      server.url,
    ]);
    while (server.messages.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    cli.process.kill('SIGINT');
    expect(await cli.finished).toEqual({ code: 130, stdout: '', stderr: '' });
    expect(server.ends).toEqual([[1000, '']]);
  });
});
