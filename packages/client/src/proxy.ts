import { BlockList, isIP } from 'node:net';
import { failure } from './failures.ts';
import { isHttpUrl } from './option-rules.ts';
import type { ResolvedOptions, ResolvedProxy } from './options.ts';
import { hostOf, isSecure, portOf } from './target.ts';

// Which proxy a connection goes through: the option, or else the environment as curl reads it.

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws WebSocketFailure if the environment names a proxy that the client cannot use: it is never just left out */
export function chooseProxy(
  target: URL,
  { proxy, socketPath }: ResolvedOptions,
  environment: Environment = process.env,
): ResolvedProxy | undefined {
  if (proxy === false || socketPath !== undefined) return undefined;
  return proxy ?? proxyFromEnvironment(target, environment);
}

function proxyFromEnvironment(target: URL, environment: Environment): ResolvedProxy | undefined {
  const given =
    (isSecure(target) ? read(environment, 'https_proxy') : readHttpProxy(environment)) ??
    read(environment, 'all_proxy');
  if (given === undefined || isExempt(target, read(environment, 'no_proxy') ?? '')) return undefined;
  const text = given.includes('://') ? given : `http://${given}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !isHttpUrl(url)) throw failure('PROXY_UNSUPPORTED');
  return { url, headers: [], tls: {} };
}

/** Lower case goes before upper case; empty counts as not set. */
function read(environment: Environment, name: string): string | undefined {
  return environment[name] || environment[name.toUpperCase()] || undefined;
}

/** Under CGI the variable HTTP_PROXY is what a client sent as the header Proxy, so only the lower case one counts. */
function readHttpProxy(environment: Environment): string | undefined {
  return environment.REQUEST_METHOD === undefined ? read(environment, 'http_proxy') : environment.http_proxy;
}

/** Whether NO_PROXY names the target: hosts, domains, addresses, networks (10.0.0.0/8), each perhaps with a port, or *. */
function isExempt(target: URL, list: string): boolean {
  const host = hostOf(target).toLowerCase();
  const port = portOf(target);
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry !== '' && matches(entry, host, port));
}

function matches(entry: string, host: string, port: number): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return isInNetwork(entry, host);
  const [, name = '', wantedPort] = /^(\[[^\]]*\]|[^:]*|.*:.*:.*?)(?::(\d+))?$/.exec(entry) ?? [];
  if (wantedPort !== undefined && Number(wantedPort) !== port) return false;
  const domain = name.replace(/^\[|\]$/g, '').replace(/^\*?\./, '');
  return domain !== '' && (host === domain || host.endsWith(`.${domain}`));
}

function isInNetwork(entry: string, host: string): boolean {
  const [address = '', bits = ''] = entry.split('/');
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  const prefix = Number(bits);
  const most = family === 'ipv6' ? 128 : 32;
  if (isIP(address) === 0 || isIP(host) !== isIP(address) || !/^\d+$/.test(bits) || prefix > most) return false;
  const network = new BlockList();
  network.addSubnet(address, prefix, family);
  return network.check(host, family);
}
