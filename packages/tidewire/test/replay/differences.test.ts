import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run } from '../support.ts';
import { fileOf, linesOf, recordingOf, serverOf } from './support.ts';

/** Each asks for an answer, and is answered with text of its own. */
const asked = recordingOf({
  happened: [
    [0, 'up', 'a'],
    [1, 'down', 'A 1'],
    [2, 'up', 'b'],
    [3, 'down', 'B 2'],
  ],
  end: {},
});
const answering = (answers: Record<string, string>) =>
  serverOf({ message: (socket, data) => void socket.send(answers[String(data)] ?? '?') });
const replay = (url: string, ...flags: string[]) =>
  run(['replay', fileOf(linesOf(asked)), url, '--wait', '100ms', '--speed', 'max', ...flags]);
const lines = (stdout: string) => stdout.split('\n').slice(1, -1);

describe('replay says what is not as recorded, and ends with 1:', () => {
  test('another message, only if messages are compared, and not in what may differ', async () => {
    const server = await answering({ a: 'A 1', b: 'B 3' });
    expect(await replay(server.url)).toMatchObject({ code: 0 });
    const { code, stdout } = await replay(server.url, '--compare');
    expect([code, lines(stdout)]).toEqual([1, ['Connection 1: message 2 was B 3, and B 2 when it was recorded']]);
    expect(await replay(server.url, '--compare', '--ignore', '\\d', '--ignore', 'x')).toMatchObject({ code: 0 });
  });

  test('fewer messages, or more', async () => {
    const silent = await serverOf({ message: () => {} });
    const less = await replay(silent.url);
    expect([less.code, lines(less.stdout)]).toEqual([
      1,
      ['Connection 1: 0 messages came back, and 2 when it was recorded'],
    ]);
    const missing = await replay(silent.url, '--compare');
    expect(lines(missing.stdout)).toEqual(['Connection 1: message 1 did not come: A 1']);
    const chatty = await serverOf({
      message: (socket) => {
        for (const text of ['A 1', 'B 2', 'C 3']) socket.send(text);
      },
    });
    expect((await replay(chatty.url, '--compare')).stdout).toMatch(
      /^Connection 1: message 2|message 3 came, which is not/m,
    );
  });

  test('a connection that the server closes, or loses', async () => {
    const closing = await serverOf({ message: (socket) => socket.close(4000, 'no') });
    const closed = await replay(closing.url);
    expect([closed.code, lines(closed.stdout).at(-1)]).toEqual([
      1,
      expect.stringMatching(/^Connection 1: the server closed it with 4000, after [12] messages? of ours$/),
    ]);
    const losing = await serverOf({ message: (socket) => socket.terminate() });
    expect(lines((await replay(losing.url)).stdout).at(-1)).toMatch(/^Connection 1: it was lost: /);
  });

  test('another close of the server, or none', async () => {
    const recording = fileOf(linesOf(recordingOf({ happened: [[0, 'up', 'bye']], end: { code: 4002, by: 'server' } })));
    const codes: [number, (socket: { close(code: number): void }) => void][] = [
      [0, (socket) => socket.close(4002)],
      [1, (socket) => socket.close(4003)],
      [1, () => {}],
    ];
    const said = [
      'All was as recorded',
      'Connection 1: the server closed it with 4003, and with 4002 when it was recorded',
      'Connection 1: the server did not close it, and closed it with 4002 when it was recorded',
    ];
    for (const [index, [code, message]] of codes.entries()) {
      const server = await serverOf({ message });
      const result = await run(['replay', recording, server.url, '--wait', '100ms']);
      expect([result.code, lines(result.stdout).at(-1)]).toEqual([code, said[index]]);
    }
  });

  test('a connection that is refused, unless it was then, too', async () => {
    const server = await serverOf({ upgrade: (request) => request.reject(403) });
    const refused = await replay(server.url);
    expect([refused.code, lines(refused.stdout).at(-1)]).toEqual([
      1,
      'Connection 1: it could not be opened: the server refused with 403 Forbidden',
    ]);
    const recording = fileOf(linesOf(recordingOf({ record: { response: { status: 403, headers: [] } } })));
    expect(await run(['replay', recording, server.url])).toMatchObject({ code: 0 });
    const open = await serverOf();
    const opened = await run(['replay', recording, open.url, '--wait', '10ms']);
    expect([opened.code, lines(opened.stdout).at(-1)]).toEqual([
      1,
      'Connection 1: it was opened, and was refused with 403 when it was recorded',
    ]);
  });
});

describe('replay does not begin, which is one line and exit code 2, with', () => {
  const good = linesOf(asked);
  test.each<[what: string, args: () => string[], line: RegExp]>([
    ['no file', () => ['none.jsonl', 'ws://127.0.0.1:1/'], /none\.jsonl cannot be read: there is no such file/],
    ['a directory', () => ['/tmp', 'ws://127.0.0.1:1/'], /\/tmp cannot be read: it is a directory/],
    ['an endless file', () => ['/dev/zero', 'ws://127.0.0.1:1/'], /\/dev\/zero is larger than \d+ bytes/],
    ['an empty file', () => [fileOf(''), 'ws://127.0.0.1:1/'], /cannot be sent again: This is empty/],
    ['another file', () => [fileOf('\0\x01PNG'), 'ws://127.0.0.1:1/'], /cannot be sent again: This is no recording/],
    [
      'a damaged line',
      () => [fileOf(good.replace('"toServer"', '"up"')), 'ws://127.0.0.1:1/'],
      /: Line 3: direction must be "toServer", "toClient"$/m,
    ],
    [
      'a newer format',
      () => [fileOf(good.replace('"version":1', '"version":9')), 'ws://127.0.0.1:1/'],
      /Line 1: version is 9, which is newer/,
    ],
    ['a HAR that is none', () => [fileOf('{"log":{}}', 'a.har'), 'ws://127.0.0.1:1/'], /log\.entries must be a list/],
    [
      'a HAR without WebSockets',
      () => [fileOf('{"log":{"entries":[]}}'), 'ws://127.0.0.1:1/'],
      /There is no connection in the recording/,
    ],
    [
      'a message of which only the beginning was kept',
      () => [
        fileOf(linesOf(recordingOf({ happened: [[0, 'up', 'a', { isCut: true, length: 99 }]] }))),
        'ws://127.0.0.1:1/',
      ],
      /Message 1 of the recording was not kept whole.* 99 bytes/,
    ],
    [
      'a connection that is not in it',
      () => [fileOf(good), 'ws://127.0.0.1:1/', '--connection', '7'],
      /--connection 7 is not in the recording/,
    ],
    ['no URL', () => [fileOf(good), 'localhost'], /localhost is not the URL of a WebSocket/],
    [
      'a speed',
      () => [fileOf(good), 'ws://127.0.0.1:1/', '--speed', 'fast'],
      /A speed is a number such as 0\.5, 1 or 10, or it is max/,
    ],
    ['a pattern', () => [fileOf(good), 'ws://127.0.0.1:1/', '--ignore', '('], /must be a regular expression/],
    [
      'a record where none can be',
      () => [fileOf(good), 'ws://127.0.0.1:1/', '--record', '/none/a'],
      /--record \/none\/a cannot be made: there is no such directory/,
    ],
    [
      'a record that is there',
      () => ((there) => [there, 'ws://127.0.0.1:1/', '--record', there])(fileOf(good)),
      /recording\.jsonl cannot be made: it is there already/,
    ],
    [
      'a server that is not there',
      () => [fileOf(good), 'ws://me:secret@127.0.0.1:1/'],
      /Could not connect to ws:\/\/127\.0\.0\.1:1\/: nobody listens there/,
    ],
  ])('%s', async (_what, args, line) => {
    const { code, stdout, stderr } = await run(['replay', ...args()]);
    expect(stderr).toMatch(/^tidewire: [^\n]+\n$/);
    expect(stderr).toMatch(line);
    expect([code, stdout]).toEqual([2, '']);
  });

  test('and if nobody is there, there is no record', async () => {
    const recording = fileOf(good);
    const record = join(dirname(recording), 'now.jsonl');
    expect(await run(['replay', recording, 'ws://127.0.0.1:1/', '--record', record])).toMatchObject({ code: 2 });
    expect(readdirSync(dirname(recording))).toEqual([basename(recording)]);
  });
});
