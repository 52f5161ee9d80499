import { once } from 'node:events';
import { type ClientHttp2Session, connect, createServer } from 'node:http2';
import { Emulation } from '@tidewire/dialects';
import { Hub } from '@tidewire/hub';
import { describe, expect, it, onTestFinished } from 'vitest';

const first = '{"id":1,"connect":{}}';

async function serve(origin?: (name: string) => Promise<boolean>, connectTimeout?: number) {
  const hub = new Hub();
  await hub.start();
  const emulation = new Emulation(hub, { origin, connectTimeout });
  const server = createServer((request, response) => void emulation.handle(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const client = connect(`http://127.0.0.1:${port}`);
  client.on('error', () => {});
  onTestFinished(async () => {
    client.destroy();
    await hub.stop();
    server.close();
  });
  return { hub, emulation, client, port };
}

/** Asks for a stream, and returns what it begins with. */
async function open(client: ClientHttp2Session) {
  const stream = client.request({ ':method': 'POST', ':path': '/connection/http_stream' });
  stream.end(first);
  const [headers] = await once(stream, 'response');
  const [chunk] = await once(stream, 'data');
  return { stream, status: headers[':status'], result: JSON.parse(String(chunk)).connect };
}

describe('over HTTP/2', () => {
  it('a stream and its commands share a connection', async () => {
    const { client } = await serve();
    const { stream, status, result } = await open(client);
    expect(status).toBe(200);
    const command = client.request({ ':method': 'POST', ':path': '/emulation' });
    command.end(JSON.stringify({ session: result.session, node: result.node, data: '{"id":2,"ping":{}}' }));
    const [headers] = await once(command, 'response');
    expect(headers[':status']).toBe(204);
    const [chunk] = await once(stream, 'data');
    expect(String(chunk)).toBe('{"id":2,"ping":{}}\n');
  });

  it('a page of the same host is known by the authority', async () => {
    const { client, port } = await serve();
    for (const [origin, status] of [
      [`http://127.0.0.1:${port}`, 200],
      ['http://evil.example', 403],
    ] as const) {
      const stream = client.request({ ':method': 'POST', ':path': '/connection/http_stream', origin });
      stream.end(first);
      const [headers] = await once(stream, 'response');
      expect(headers[':status']).toBe(status);
      stream.close();
    }
  });

  it('a session ends with its stream, and with its connection', async () => {
    const { hub, client, emulation } = await serve();
    const [one] = [await open(client), await open(client)];
    one.stream.close();
    while (hub.connectionCount > 1) await new Promise((resolve) => setImmediate(resolve));
    client.destroy();
    while (hub.connectionCount > 0 || emulation.connectionCount > 0)
      await new Promise((resolve) => setImmediate(resolve));
  });

  it.each(['/connection/http_stream', '/emulation'])(
    'a body that does not end holds %s for a while only',
    async (path) => {
      const { client } = await serve(undefined, 100);
      const stream = client.request({ ':method': 'POST', ':path': path });
      stream.on('error', () => {});
      stream.write(first);
      await once(stream, 'close');
      expect(client.destroyed).toBe(false);
    },
  );

  it('a client that goes while it is decided upon leaves nothing behind', async () => {
    let decide: (isAllowed: boolean) => void = () => {};
    let asked: () => void = () => {};
    const wasAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const { hub, client, emulation } = await serve(() => {
      asked();
      return new Promise((resolve) => {
        decide = resolve;
      });
    });
    const path = `/connection/sse?cf_connect=${encodeURIComponent(first)}`;
    const stream = client.request({ ':path': path, origin: 'http://any.example' });
    stream.on('error', () => {});
    stream.end();
    await wasAsked;
    client.destroy();
    await once(client, 'close');
    await new Promise((resolve) => setTimeout(resolve, 50));
    decide(true);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(emulation.connectionCount).toBe(0);
    expect(hub.connectionCount).toBe(0);
  });
});
