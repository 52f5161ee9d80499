import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { inject, onTestFinished } from 'vitest';

// Runs nginx, HAProxy and Caddy on a free port of this machine, until the test has finished.

/** The paths of the programs, or empty strings: see test/setup.ts. */
export const nginxPath = inject('nginx');
export const haproxyPath = inject('haproxy');
export const caddyPath = inject('caddy');

/** Nobody listens there; that somebody else begins to before the proxy does, is not to be expected. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** A folder until the test has finished. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tidewire-proxy-'));
  // A proxy that was started by root works as somebody else.
  chmodSync(folder, 0o755);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A certificate that nobody has signed, for 127.0.0.1, with its key, and the folder that has them as cert.pem and key.pem. */
export async function aCertificate(): Promise<{ cert: string; folder: string }> {
  const folder = temporaryFolder();
  const { private: key, cert } = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    keySize: 2048,
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  writeFileSync(join(folder, 'cert.pem'), cert);
  writeFileSync(join(folder, 'key.pem'), key);
  writeFileSync(join(folder, 'both.pem'), `${cert}\n${key}`);
  return { cert, folder };
}

/** @param configuration for the context http */
export async function runNginx(configuration: string): Promise<void> {
  const folder = temporaryFolder();
  const file = join(folder, 'nginx.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const main = [
    process.getuid?.() === 0 ? 'user root;' : '',
    'worker_processes 1;',
    'daemon off;',
    `pid ${folder}/nginx.pid;`,
    'error_log stderr notice;',
    'events {}',
    'http {',
    'access_log off;',
    ...temporary.map((name) => `${name}_temp_path ${folder}/${name};`),
    configuration,
    '}',
  ];
  writeFileSync(file, main.join('\n'));
  await run(nginxPath, ['-e', 'stderr', '-p', folder, '-c', file], 'start worker process ');
}

/** @param configuration the whole file */
export async function runHaproxy(configuration: string): Promise<void> {
  const file = join(temporaryFolder(), 'haproxy.cfg');
  writeFileSync(file, configuration);
  await run(haproxyPath, ['-W', '-f', file], 'Loading success');
}

/** @param configuration a whole Caddyfile, without its global options */
export async function runCaddy(configuration: string): Promise<void> {
  const folder = temporaryFolder();
  const file = join(folder, 'Caddyfile');
  writeFileSync(file, `{\n\tadmin off\n\tauto_https off\n}\n\n${configuration}`);
  const words = ['run', '--adapter', 'caddyfile', '--config', file];
  await run(caddyPath, words, 'serving initial configuration', { HOME: folder, XDG_DATA_HOME: folder });
}

/** Starts a program, and waits until it says that it is ready. */
async function run(
  path: string,
  words: readonly string[],
  sign: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  const child = spawn(path, words, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...environment } });
  let said = '';
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (chunk) => {
      said += chunk;
      if (said.includes(sign)) resolve();
    });
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`${path} has ended with ${code}:\n${said}`)));
  });
}
