import { describeEngine, withoutPassword } from '../service/engines.ts';
import { loadConfig, type Sources } from './load.ts';
import { resolveConfig, type Settings } from './resolve.ts';
import type { Config } from './schema.ts';

/**
 * Does all that the start of a service does with its configuration, and says what would be served.
 * @throws ConfigError
 */
export function checkConfig(sources: Sources): string {
  const loaded = loadConfig(sources);
  const settings = resolveConfig(loaded);
  const lines = summary(settings).map(([name, text]) => `  ${name.padEnd(11)}${text}`);
  return [`${loaded.file ?? 'The configuration'} is right. It would be served:`, ...lines, ''].join('\n');
}

/** What an operator would ask first. No secret is among it. */
function summary({ config, engine, service }: Settings): readonly (readonly [name: string, text: string])[] {
  const { listen, origins, api, playground } = config;
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  const named = playground ? { ...config.namespaces, try: undefined } : config.namespaces;
  const namespaces = Object.keys(named).map((name) => (name === '' ? 'channels without one' : name));
  return [
    [
      'listen',
      `http${listen.tls === undefined ? '' : 's'}://${host}:${listen.port === 0 ? '(a free port)' : listen.port}`,
    ],
    ['origins', ['the same host', ...origins].join(', ')],
    ['engine', describeEngine(engine)],
    ['namespaces', namespaces.join(', ') || 'none: no client can subscribe to anything'],
    ['clients', describeClients(config, service.hub?.permissions?.isAnonymousAllowed)],
    ['webhooks', describeWebhooks(config.webhooks?.urls)],
    ['API', api.keys.length === 0 ? 'off: it has no keys' : `for ${api.keys.map(({ name }) => name).join(', ')}`],
    ['playground', playground ? 'the pages, the echo, the chat and the race' : 'off'],
  ];
}

function describeClients({ tokens, webhooks }: Config, isAnonymousAllowed: boolean | undefined): string {
  if (webhooks?.urls.connect !== undefined)
    return `as the application says${tokens === undefined ? '' : ', or with a token'}`;
  if (tokens !== undefined)
    return isAnonymousAllowed === true ? 'with a token, or as nobody in particular' : 'with a token';
  return isAnonymousAllowed === false
    ? 'nobody: there are neither tokens nor others'
    : 'anybody, as nobody in particular';
}

function describeWebhooks(urls: Readonly<Record<string, string | undefined>> = {}): string {
  const used = Object.entries(urls).filter(([, url]) => url !== undefined);
  return used.map(([name, url = '']) => `${name} at ${withoutPassword(url)}`).join(', ') || 'none';
}
