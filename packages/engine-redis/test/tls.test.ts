import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../../test/servers/free-port.ts';
import { RedisEngine } from '../src/index.ts';
import { path, startNode, startServer } from './support.ts';

const USER = ['--user', 'tide', 'on', '>secret', '~*', '&*', '+@all'];

/** A server that speaks TLS on a port of its own, and the authority that it is trusted by. */
async function startSecureServer(...args: string[]) {
  const directory = mkdtempSync(join(tmpdir(), 'tidewire-redis-tls-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }]);
  const file = (name: string, content: string) => {
    writeFileSync(join(directory, name), content);
    return join(directory, name);
  };
  const port = await freePort();
  const tls = ['--tls-port', String(port), '--tls-auth-clients', 'no'];
  const files = ['--tls-cert-file', file('cert.pem', cert), '--tls-key-file', file('key.pem', key)];
  await startServer({ args: [...tls, ...files, '--tls-ca-cert-file', join(directory, 'cert.pem'), ...args] });
  return { port, ca: cert, directory };
}

describe.skipIf(path === '')('Over TLS', () => {
  it('an engine trusts the authority that it is told of, and no server without', async () => {
    const { port, ca } = await startSecureServer();
    const url = `rediss://localhost:${port}`;
    const node = await startNode(0, { url, client: { socket: { tls: true, ca } } });
    await node.engine.publish('room', { data: '1', time: 0 });
    await expect(startNode(0, { url })).rejects.toMatchObject({ name: 'EngineError', code: 'UNAVAILABLE' });
    await expect(startNode(0, { url: `redis://localhost:${port}` })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('an engine speaks TLS to the master that Sentinel knows, as its URL says', async () => {
    const { port, ca, directory } = await startSecureServer();
    const file = join(directory, 'sentinel.conf');
    writeFileSync(
      file,
      `sentinel resolve-hostnames yes\nsentinel announce-hostnames yes\nsentinel monitor main localhost ${port} 1\n`,
    );
    const sentinel = await startServer({ file });
    const options = {
      url: 'rediss://nowhere.invalid',
      sentinel: { name: 'main', nodes: [{ host: '127.0.0.1', port: sentinel.port }] },
    };
    const node = await startNode(0, { ...options, client: { socket: { tls: true, ca } } });
    await node.engine.publish('room', { data: '1', time: 0 });
    await expect(startNode(0, options)).rejects.toThrow(/self.signed certificate/);
  });
});

describe.skipIf(path === '')('The user and the password', () => {
  it.each<[what: string, authority: string, client: { username?: string; password?: string }]>([
    ['of the URL', 'tide:secret@', {}],
    ['beside it beat those of the URL', 'other:wrong@', { username: 'tide', password: 'secret' }],
    ['may come from both', 'tide@', { password: 'secret' }],
  ])('%s are used', async (_what, authority, client) => {
    const server = await startServer({ args: USER });
    const node = await startNode(0, { url: `redis://${authority}127.0.0.1:${server.port}`, client });
    await node.engine.publish('room', { data: '1', time: 0 });
  });

  it('are not in what is said of a URL that is wrong', () => {
    for (const url of ['http://me:secret@a', 'redis://me:secret@a/x', 'me:secret'])
      expect(() => new RedisEngine({ url })).toThrow(/^url must begin with (?!.*secret)/);
  });
});
