import { writeFileSync } from 'node:fs';
import { connect } from 'node:tls';
import { generate } from 'selfsigned';
import { expect, test } from 'vitest';
import { folder, write } from '../config/support.ts';
import { Cli } from '../support.ts';

interface Line {
  readonly msg: string;
  readonly changed?: readonly string[];
  readonly keys?: readonly string[];
  readonly problems?: readonly string[];
}

/** `tidewire serve` with a file, which may be written anew. */
async function serveFile(content: string) {
  const file = write(content);
  const cli = new Cli(['serve', '--config', file, '--port', '0']);
  const [, port] = await cli.shows(/pages +\S+:(\d+)\/\n/);
  const logs = async (since: number, pattern: RegExp) => {
    while (!pattern.test(cli.stderr.slice(since))) {
      await new Promise((resolve) => cli.process.stderr.once('data', resolve));
    }
  };
  await logs(0, /listening/);
  return {
    cli,
    port: Number(port),
    file,
    /** @returns what is logged of it, up to a line that matches */
    async reload(next: string, until: RegExp): Promise<readonly Line[]> {
      writeFileSync(file, next);
      const before = cli.stderr.length;
      cli.process.kill('SIGHUP');
      while (!until.test(cli.stderr.slice(before)))
        await new Promise((resolve) => cli.process.stderr.once('data', resolve));
      return cli.stderr
        .slice(before)
        .trim()
        .split('\n')
        .map((line): Line => JSON.parse(line));
    },
  };
}

test('SIGHUP takes over what can change, and names what needs a restart', async () => {
  const { reload } = await serveFile('log: { level: info }');
  const next = 'log: { level: debug }\nnamespaces: { chat: {} }\nlisten: { host: 127.0.0.2 }\nmaxConnections: 5';
  const [changed, restart] = await reload(next, /restart|started again/);
  expect(changed).toMatchObject({ msg: 'the configuration has changed', changed: ['namespaces.chat', 'log.level'] });
  expect(restart).toMatchObject({ keys: ['listen.host', 'maxConnections'] });
  // What was not taken over is still to come.
  const [nothing, again] = await reload(next, /started again/);
  expect(nothing).toMatchObject({ msg: 'nothing has changed', changed: [] });
  expect(again).toMatchObject({ keys: ['listen.host', 'maxConnections'] });
});

test('a file that is wrong changes nothing, and is said to be', async () => {
  const { cli, file, reload } = await serveFile('log: { level: info }');
  const [line] = await reload('log: { level: loud }\nlimits: 3', /stays/);
  expect(line).toMatchObject({ msg: 'the configuration is wrong: all stays as it was' });
  expect(line?.problems).toEqual([
    `${file}:1:15: log.level: must be trace, debug, info, warn, error, fatal or silent, not "loud"`,
    `${file}:2:9: limits: must be keys with values, not a number`,
  ]);
  expect(cli.hasEnded).toBe(false);
  const [right] = await reload('log: { level: warn }', /changed/);
  expect(right).toMatchObject({ changed: ['log.level'] });
});

test('SIGHUP reads the certificate again', async () => {
  const place = folder();
  const make = async () => {
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }]);
    writeFileSync(`${place}/cert.pem`, cert);
    writeFileSync(`${place}/key.pem`, key);
    return cert;
  };
  const first = await make();
  const config = `listen: { tls: { cert: ${place}/cert.pem, key: ${place}/key.pem } }`;
  const { port, reload } = await serveFile(config);
  expect(await certificateAt(port)).toBe(first.trim());
  const second = await make();
  const [line] = await reload(config, /changed/);
  expect(line).toMatchObject({ changed: ['listen.tls.cert', 'listen.tls.key'] });
  expect(await certificateAt(port)).toBe(second.trim());
});

/** PEM. */
async function certificateAt(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      const { raw } = socket.getPeerCertificate();
      socket.end();
      const lines = raw.toString('base64').match(/.{1,64}/g) ?? [];
      resolve(`-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----`);
    });
    socket.on('error', reject);
  });
}

test('without a file SIGHUP ends the process, as closing its terminal does', async () => {
  const cli = new Cli(['serve', '--port', '0']);
  await cli.shows(/pages/);
  cli.process.kill('SIGHUP');
  expect((await cli.finished).code).toBe(0);
});
