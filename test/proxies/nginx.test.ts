import { describe, expect, it } from 'vitest';
import { describeDocumented } from './support/contract.ts';
import { startNginx } from './support/documented.ts';
import { converse, open, serve } from './support/endpoint.ts';
import { freePort, nginxPath, runNginx } from './support/run-proxy.ts';

const transports = ['websocket', 'stream', 'poll'] as const;

/** nginx when nobody has thought of WebSockets: HTTP/1.0 to the server, without Upgrade, and with a Host of its own. */
async function plain(backend: number, directives = ''): Promise<string> {
  const port = await freePort();
  await runNginx(`server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://127.0.0.1:${backend}; ${directives} }
  }`);
  return `ws://127.0.0.1:${port}/echo`;
}

describe.skipIf(nginxPath === '')('through an nginx with nothing but proxy_pass', () => {
  it('no WebSocket gets, but a tunnel does, by streaming', async () => {
    const backend = await serve();
    const url = await plain(backend.port);
    await expect(open(url, { transports: ['websocket'] })).rejects.toMatchObject({ code: 'STATUS' });
    expect(await converse(url, backend, { transports })).toBe('stream');
  });

  it('a tunnel gets by polling where nginx buffers whatever the server says', async () => {
    const backend = await serve();
    const url = await plain(backend.port, 'proxy_ignore_headers X-Accel-Buffering;');
    expect(await converse(url, backend, { transports })).toBe('poll');
  });
});

describeDocumented('through an nginx as documented', nginxPath !== '', startNginx);
