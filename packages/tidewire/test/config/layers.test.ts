import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Cli, cliPath } from '../support.ts';
import { check, folder, runWith, write } from './support.ts';

const lineOf = (stdout: string, name: string) => new RegExp(`^ +${name} +(.*)$`, 'm').exec(stdout)?.[1];

describe('the environment', () => {
  test('beats the file, key by key', () => {
    const { stdout, isRight } = check('listen: { host: 10.0.0.1, port: 9000 }\norigins: [https://a.example]', {
      TIDEWIRE_LISTEN__PORT: '9001',
      TIDEWIRE_ORIGINS: 'https://b.example, https://c.example',
      TIDEWIRE_NAMESPACES__CHAT__HISTORY: '{ size: 5, ttl: 1m }',
      TIDEWIRE_NAMESPACES__CHAT__HISTORY__TTL: '2m',
      TIDEWIRE_ENGINE__TYPE: 'nats',
      TIDEWIRE_ENGINE__NATS__SERVERS: '["nats://one:4222", "nats://two:4222"]',
      TIDEWIRE_PLAYGROUND: 'false',
    });
    expect(isRight).toBe(true);
    expect(lineOf(stdout, 'listen')).toBe('http://10.0.0.1:9001');
    expect(lineOf(stdout, 'origins')).toBe('the same host, https://b.example, https://c.example');
    expect(lineOf(stdout, 'namespaces')).toBe('chat');
    expect(lineOf(stdout, 'engine')).toBe('nats, at nats://one:4222, nats://two:4222');
    expect(lineOf(stdout, 'playground')).toBe('off');
  });

  test('is named where it is wrong', () => {
    const { lines, isRight } = check('', {
      TIDEWIRE_LISTEN__PORT: 'high',
      TIDEWIRE_LISTEN_HOST: 'x',
      TIDEWIRE_NAMESPACES__CHAT__HISTORY__SIZE: '5',
      TIDEWIRE_LIMITS: '{',
    });
    expect(lines).toEqual([
      'TIDEWIRE_LIMITS: cannot be understood: it must be written as in YAML',
      'TIDEWIRE_LISTEN_HOST: there is no such variable. Did you mean TIDEWIRE_LISTEN__HOST?',
      'TIDEWIRE_LISTEN__PORT: listen.port: must be a whole number from 0 to 65535, not "high"',
      'TIDEWIRE_NAMESPACES__CHAT__HISTORY__SIZE: namespaces.chat.history.ttl: is missing: it must be a time such as 500ms, 30s, 2m, 1h or 30d',
    ]);
    expect(isRight).toBe(false);
  });

  test('leaves text as it is, whatever it looks like', () => {
    const { isRight, lines } = check('engine: { type: nats }', {
      TIDEWIRE_ENGINE__NATS__USER: 'true',
      TIDEWIRE_ENGINE__NATS__PASSWORD: '12345',
    });
    expect({ isRight, lines }).toEqual({ isRight: true, lines: [] });
  });

  test('may have what Kubernetes puts there for a service called tidewire', () => {
    const { isRight } = check('', {
      TIDEWIRE_SERVICE_HOST: '10.0.0.1',
      TIDEWIRE_SERVICE_PORT_HTTP: '80',
      TIDEWIRE_PORT: 'tcp://10.0.0.1:80',
      TIDEWIRE_PORT_80_TCP_ADDR: '10.0.0.1',
    });
    expect(isRight).toBe(true);
  });

  test('names the file', async () => {
    const { code, stdout } = await runWith({ TIDEWIRE_CONFIG: write('listen: { port: 9009 }') }, 'config', 'check');
    expect(lineOf(stdout, 'listen')).toBe('http://127.0.0.1:9009');
    expect(code).toBe(0);
  });
});

test('flags beat the environment, which beats the file', async () => {
  const file = write('listen: { port: 1 }\nlog: { level: fatal }\necho: { maxMessage: 1KiB }');
  const variables = { TIDEWIRE_LISTEN__PORT: '2', TIDEWIRE_LOG__LEVEL: 'silent' };
  const environment = { ...process.env, ...variables };
  const cli = new Cli(['serve', '-c', file, '--port', '0'], process.execPath, [cliPath], environment);
  const [, port = ''] = await cli.shows(/echo +ws:\S+:(\d+)\/echo\n/);
  expect(Number(port)).toBeGreaterThan(2);
  cli.process.kill('SIGTERM');
  expect(await cli.finished).toMatchObject({ code: 0, stderr: '' });
});

test('files are looked for beside the file that names them', async () => {
  const place = folder();
  mkdirSync(join(place, 'secrets'));
  writeFileSync(join(place, 'secrets', 'token'), 'a secret that nobody could guess at all\n');
  writeFileSync(join(place, 'tidewire.yaml'), 'tokens: { secretFiles: [secrets/token] }');
  expect(await runWith({}, 'config', 'check', join(place, 'tidewire.yaml'))).toMatchObject({ code: 0, stderr: '' });
});

test('a secret and a file of the same are too much', () => {
  const { lines } = check('api: { keys: [{ name: a, key: sixteen-characters, keyFile: /dev/null }] }');
  expect(lines[0]).toMatch(/1:\d+: api.keys\[0\].keyFile: says the same as key: leave one of them out$/);
});
