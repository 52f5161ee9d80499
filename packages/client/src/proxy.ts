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
    (isSecure(target) ? find(environment, 'https_proxy') : findHttpProxy(environment)) ??
    find(environment, 'all_proxy');
  if (given === undefined || isExempt(target, find(environment, 'no_proxy')?.value ?? '')) return undefined;
  const { name, value } = given;
  const text = value.includes('://') ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !isHttpUrl(url)) throw failure('PROXY_UNSUPPORTED', { detail: `${name} ${flaw(text)}` });
  return { url, headers: [], tls: {} };
}

/** Names the scheme and nothing else of the value, which may have a password in it. */
function flaw(text: string): string {
  const [, scheme] = /^([a-z][a-z\d+.-]*):\/\//i.exec(text) ?? [];
  return scheme === undefined || /^https?$/i.test(scheme) ? 'is not a valid URL' : `has the scheme ${scheme}:`;
}

interface Variable {
  readonly name: string;
  readonly value: string;
}

/** Lower case goes before upper case; empty counts as not set. */
function find(environment: Environment, lowerCase: string): Variable | undefined {
  for (const name of [lowerCase, lowerCase.toUpperCase()]) {
    const value = environment[name];
    if (value) return { name, value };
  }
  return undefined;
}

/** Under CGI the variable HTTP_PROXY is what a client sent as the header Proxy, so only the lower case one counts. */
function findHttpProxy(environment: Environment): Variable | undefined {
  const { REQUEST_METHOD, http_proxy } = environment;
  return find(REQUEST_METHOD === undefined ? environment : { http_proxy }, 'http_proxy');
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
