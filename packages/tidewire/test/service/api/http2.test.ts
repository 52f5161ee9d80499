import { once } from 'node:events';
import { connect, createSecureServer } from 'node:http2';
import { generate } from 'selfsigned';
import { createServerApi } from 'tidewire';
import { expect, onTestFinished, test } from 'vitest';
import { startHub } from '../../../../hub/test/support/visiting.ts';
import { KEY } from './support.ts';

async function serve() {
  const api = createServerApi(await startHub(), { keys: [{ name: 'backend', key: KEY }], maxBody: 1000 });
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }]);
  const server = createSecureServer({ cert, key, allowHTTP1: true }, (request, response) => {
    if (!api.handle(request, response)) response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const session = connect(`https://127.0.0.1:${port}`, { ca: cert, checkServerIdentity: () => undefined });
  onTestFinished(() => {
    session.destroy();
    server.close();
  });
  const post = async (path: string, body: string, more: Readonly<Record<string, string>> = {}) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${KEY}`, ...more };
    const stream = session.request({ ':method': 'POST', ':path': path, ...headers });
    stream.end(body);
    const [response] = await once(stream, 'response');
    const chunks: string[] = [];
    for await (const chunk of stream.setEncoding('utf8')) chunks.push(String(chunk));
    return { response, body: JSON.parse(chunks.join('')) };
  };
  return { post };
}

test('the API answers over HTTP/2 as it does over HTTP/1.1', async () => {
  const { post } = await serve();
  const { response, body } = await post('/api/publish', JSON.stringify({ channel: 'lobby', data: 1 }));
  expect(response).toMatchObject({ ':status': 200, 'content-type': 'application/json', 'cache-control': 'no-store' });
  expect(response['x-content-type-options']).toBe('nosniff');
  expect(body).toEqual({ isDuplicate: false });
});

test.each([
  [401, 'unauthorized', '{}', { authorization: 'Bearer other' }],
  [413, 'body-too-large', JSON.stringify({ channel: 'lobby', data: 'x'.repeat(2000) }), {}],
  [415, 'unsupported-media-type', '{}', { 'content-type': 'text/plain' }],
])('problem %i is told over HTTP/2, and the connection goes on', async (status, kind, body, headers) => {
  const { post } = await serve();
  const refused = await post('/api/publish', body, headers);
  expect(refused.response).toMatchObject({ ':status': status, 'content-type': 'application/problem+json' });
  expect(refused.body.type).toBe(`/api/problems#${kind}`);
  expect((await post('/api/info', '{}')).response[':status']).toBe(200);
});
