import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { FetchPoster } from '../../src/tunnel/fetch-poster.ts';
import { NodePoster } from '../../src/tunnel/node-poster.ts';
import type { Poster } from '../../src/tunnel/poster.ts';
import { afterThisTest, type TcpServer, tcpServer } from '../support/servers.ts';

// What every way to make requests has to do, whatever makes them.

const posters: readonly [string, (server: TcpServer) => Poster][] = [
  ['fetch', () => new FetchPoster()],
  ['Node', ({ port }) => new NodePoster(async () => connect(port, '127.0.0.1'), [])],
];

/** What a listener was told: the head of the answer, its body, and how it ended. */
interface Told {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  readonly outcome: 'completed' | 'failed';
}

function post(poster: Poster, { port }: TcpServer, isLast = false): Promise<Told> {
  afterThisTest(() => poster.close());
  return new Promise((resolve) => {
    let status = 0;
    let headers = new Map<string, string>();
    let body = '';
    const end = (outcome: Told['outcome']) => resolve({ status, headers, body, outcome });
    poster.post(
      { url: new URL(`http://127.0.0.1:${port}/path?query`), body: 'what is said', isLast },
      {
        answered(of, names) {
          status = of;
          headers = new Map(names.map(([name, value]) => [name.toLowerCase(), value]));
        },
        received: (chunk) => {
          body += Buffer.from(chunk).toString();
        },
        completed: () => end('completed'),
        failed: () => end('failed'),
      },
    );
  });
}

describe.each(posters)('a request by %s', (_, posterFor) => {
  it('says what it has to say, and is told all of the answer', async () => {
    let asked = '';
    const server = await tcpServer((socket) => {
      socket.on('data', (chunk) => {
        asked += chunk;
        if (asked.endsWith('what is said')) socket.write('HTTP/1.1 409 No\r\nX-A: b\r\nContent-Length: 3\r\n\r\nnot');
      });
    });
    const { status, headers, body, outcome } = await post(posterFor(server), server);
    expect([status, headers.get('x-a'), body, outcome]).toEqual([409, 'b', 'not', 'completed']);
    expect(asked).toMatch(/^POST \/path\?query HTTP\/1\.1\r\n/);
    expect(asked).toMatch(/\r\ncontent-type: text\/plain\r\n/i);
    expect(asked).toMatch(/\r\ncontent-length: 12\r\n/i);
    expect(asked).toContain(`\r\n${/host/i.exec(asked)?.[0]}: 127.0.0.1:${server.port}\r\n`);
  });

  it('is told of an answer that breaks off', async () => {
    const server = await tcpServer((socket) => {
      socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\nthe beginning'));
    });
    const { status, body, outcome } = await post(posterFor(server), server);
    expect([status, body, outcome]).toEqual([200, 'the beginning', 'failed']);
  });

  it('is told when there is no answer', async () => {
    const server = await tcpServer((socket) => void socket.on('data', () => socket.destroy()));
    expect(await post(posterFor(server), server)).toMatchObject({ status: 0, outcome: 'failed' });
  });

  it('is told of parts of an answer as they come', async () => {
    const server = await tcpServer((socket) => {
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n'));
    });
    const poster = posterFor(server);
    const received = await new Promise<string>((resolve) => {
      const drop = poster.post(
        { url: new URL(`http://127.0.0.1:${server.port}/`), body: new Uint8Array(3), isLast: false },
        {
          answered: () => {},
          received: (chunk) => {
            drop();
            resolve(Buffer.from(chunk).toString());
          },
          completed: () => resolve('completed'),
          failed: () => resolve('failed'),
        },
      );
    });
    expect(received).toBe('ab');
  });

  it('tells nobody anything once it was dropped, and frees its connection', async () => {
    let asked: () => void = () => {};
    const hasAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const server = await tcpServer((socket) => {
      socket.on('data', () => asked());
    });
    const told: string[] = [];
    const poster = posterFor(server);
    const drop = poster.post(
      { url: new URL(`http://127.0.0.1:${server.port}/`), body: '', isLast: false },
      {
        answered: () => told.push('answered'),
        received: () => told.push('received'),
        completed: () => told.push('completed'),
        failed: () => told.push('failed'),
      },
    );
    await hasAsked;
    const [socket] = server.sockets;
    const gone = new Promise((resolve) => socket?.once('close', resolve).once('end', resolve));
    drop();
    await gone;
    expect(told).toEqual([]);
  });

  it('goes on when it is the last', async () => {
    const server = await tcpServer((socket) => {
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
    });
    const poster = posterFor(server);
    const told = post(poster, server, true);
    poster.close();
    expect((await told).outcome).toBe('completed');
  });
});
