import { readFileSync } from 'node:fs';
import { aCertificate, freePort, runCaddy, runHaproxy, runNginx } from './run-proxy.ts';

// The proxies with the configurations of docs/deployment, so that what is shown there is what works.

/** A proxy with TLS on a free port, until the test has finished. */
export interface Proxy {
  readonly url: string;
  /** Of the pages that it serves. */
  readonly origin: string;
  readonly tls: { readonly ca: string };
}

/**
 * Starts a proxy as documented, with as many servers behind it as there are ports.
 * @param isHurried with 2 s in place of the 60 s that connections may be silent
 */
export type StartProxy = (backends: readonly number[], isHurried?: boolean) => Promise<Proxy>;

export const startNginx: StartProxy = async (backends, isHurried = false) => {
  const port = await freePort();
  const { cert, folder } = await aCertificate();
  const time = isHurried ? '2s' : '60s';
  const configuration = documented('nginx.conf', {
    'listen 443 ': `listen 127.0.0.1:${port} `,
    'server_name example.org;': 'server_name 127.0.0.1;',
    '/etc/ssl/example.org/fullchain.pem': `${folder}/cert.pem`,
    '/etc/ssl/example.org/privkey.pem': `${folder}/key.pem`,
    'server 127.0.0.1:8080;': backends.map((backend) => `server 127.0.0.1:${backend};`).join(' '),
    'proxy_read_timeout 60s;': `proxy_read_timeout ${time};`,
    'proxy_send_timeout 60s;': `proxy_send_timeout ${time};`,
  });
  await runNginx(configuration);
  return { url: `wss://127.0.0.1:${port}/echo`, origin: `https://127.0.0.1:${port}`, tls: { ca: cert } };
};

export const startHaproxy: StartProxy = async (backends, isHurried = false) => {
  const port = await freePort();
  const { cert, folder } = await aCertificate();
  const time = isHurried ? '2s' : '60s';
  const configuration = documented('haproxy.cfg', {
    'bind :443 ': `bind 127.0.0.1:${port} `,
    '/etc/ssl/example.org.pem': `${folder}/both.pem`,
    'server one 127.0.0.1:8080': backends.map((backend, i) => `server s${i} 127.0.0.1:${backend}`).join('\n'),
    'timeout client 60s': `timeout client ${time}`,
    'timeout server 60s': `timeout server ${time}`,
    'timeout tunnel 60s': `timeout tunnel ${time}`,
  });
  await runHaproxy(configuration);
  return { url: `wss://127.0.0.1:${port}/echo`, origin: `https://127.0.0.1:${port}`, tls: { ca: cert } };
};

/** Caddy never cuts what is silent. */
export const startCaddy: StartProxy = async (backends) => {
  const port = await freePort();
  const { cert, folder } = await aCertificate();
  const configuration = documented('Caddyfile', {
    'example.org {': `https://127.0.0.1:${port} {`,
    '/etc/ssl/example.org/fullchain.pem': `${folder}/cert.pem`,
    '/etc/ssl/example.org/privkey.pem': `${folder}/key.pem`,
    'reverse_proxy 127.0.0.1:8080 {': `reverse_proxy ${backends.map((backend) => `127.0.0.1:${backend}`).join(' ')} {`,
  });
  await runCaddy(configuration);
  return { url: `wss://127.0.0.1:${port}/echo`, origin: `https://127.0.0.1:${port}`, tls: { ca: cert } };
};

/**
 * A file of docs/deployment with what differs on this machine.
 * @param changes from what the file has, each exactly once, to what stands there instead
 */
export function documented(name: string, changes: Readonly<Record<string, string>>): string {
  let text = readFileSync(new URL(`../../../docs/deployment/${name}`, import.meta.url), 'utf8');
  for (const [from, to] of Object.entries(changes)) {
    if (text.split(from).length !== 2) throw new Error(`docs/deployment/${name} has not once: ${from}`);
    text = text.replace(from, () => to);
  }
  return text;
}
