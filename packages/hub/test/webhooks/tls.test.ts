import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createPermissions } from '@tidewire/hub';
import { generate } from 'selfsigned';
import { expect, it, onTestFinished } from 'vitest';
import { refusalOf, visitor } from '../permissions/support.ts';
import { webhooksTo } from './support.ts';

it('an application over TLS is asked only if its certificate is good for its name', async () => {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2048,
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  let asked = 0;
  const server = createServer({ key, cert }, (request, response) => {
    asked++;
    request.resume().on('end', () => response.end('{"result":{}}'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const outcomeOf = async (host: string, ca?: string): Promise<string> => {
    const { webhooks } = webhooksTo(`https://${host}:${port}/`, { ca });
    let reason = '';
    const permissions = createPermissions({
      namespaces: { chat: { subscribe: 'ask' } },
      hooks: webhooks.hooks,
      error: (error) => {
        reason = error instanceof Error ? error.message : '';
      },
    });
    return `${await refusalOf(() => permissions.subscribe(visitor(), { channel: 'chat:a' }))} ${reason}`;
  };
  expect(await outcomeOf('localhost')).toContain('error 100 temporary self-signed certificate');
  expect(await outcomeOf('127.0.0.1', cert)).toContain(
    "error 100 temporary Hostname/IP does not match certificate's altnames",
  );
  expect(asked).toBe(0);
  expect(await outcomeOf('localhost', cert)).toBe('none ');
});
