import type { HubLimits } from '@tidewire/hub';
import type { EngineSettings } from '../service/engines.ts';
import type { LogLevel } from '../service/log-levels.ts';
import type { ServiceOptions } from '../service/options.ts';
import { ConfigFiles, type FileContent } from './files.ts';
import { ConfigError, type Loaded } from './load.ts';
import { problemLines } from './problems.ts';
import { apiKeys, permissionsOptions } from './resolve-access.ts';
import { engineSettings } from './resolve-engine.ts';
import { tlsFiles } from './resolve-tls.ts';
import { webhookOptions } from './resolve-webhooks.ts';
import type { Config } from './schema.ts';

// From the configuration to what the parts of the service take. Files are read here, and what only their content, or another
// part, can say is checked here.

export interface Settings {
  readonly config: Config;
  /** All of the service but its log and its engine. */
  readonly service: ServiceOptions;
  readonly engine: EngineSettings;
  readonly level: LogLevel;
  /** The files that were read, by the path of their keys. */
  readonly files: ReadonlyMap<string, FileContent>;
}

/** @throws ConfigError */
export function resolveConfig({ config, layers }: Loaded): Settings {
  const files = new ConfigFiles(layers);
  const settings: Settings = {
    config,
    service: serviceOptions(config, files),
    engine: engineSettings(config.engine, files),
    level: config.log.level,
    files: files.contents,
  };
  const { problems } = files;
  if (problems.length > 0) throw new ConfigError(problemLines(layers, problems));
  return settings;
}

function serviceOptions(config: Config, files: ConfigFiles): ServiceOptions {
  const { listen, heartbeat, idleTimeout, origins, deflate, maxConnections, echo, chat, playground } = config;
  return {
    host: listen.host,
    port: listen.port,
    tls: tlsFiles(listen.tls, files),
    heartbeat: heartbeat === false ? false : { interval: heartbeat },
    origins: origins.length === 0 ? undefined : origins,
    ...{ idleTimeout, deflate, maxConnections, playground },
    ...{ maxMessage: echo.maxMessage, maxImage: chat.maxImage, maxRooms: chat.maxRooms, rate: chat.rate },
    api: { keys: apiKeys(config.api.keys, files) },
    inspector: inspectorSettings(config, files),
    console: config.console.enabled && { hosts: config.console.hosts },
    metrics: config.metrics.enabled && {
      key: files.secret(['metrics'], 'key', config.metrics),
      address: config.metrics.address,
    },
    hub: {
      namespaces: config.namespaces,
      limits: limitsOf(config.limits),
      clients: config.clients,
      permissions: permissionsOptions(config, files),
      webhooks: webhookOptions(config, files),
    },
  };
}

/** Nobody could get to it without the pages, and a key to log in with. */
function inspectorSettings({ inspector, console, api }: Config, files: ConfigFiles) {
  const { enabled, record, masks, keep, keepMessages, keepOfMessage } = inspector;
  const path = ['inspector', 'enabled'];
  if (enabled && !console.enabled) files.complain(path, 'is of no use without console.enabled');
  else if (enabled && api.keys.length === 0)
    files.complain(path, 'is of no use without a key in api.keys to log in with');
  return enabled && { record, masks, bytes: keep, messages: keepMessages, bytesOfMessage: keepOfMessage };
}

/** The hub has no limit for what is left out. */
function limitsOf({ connectionsPerAddress, ...limits }: Config['limits']): Partial<HubLimits> {
  return { connectionsPerAddress: connectionsPerAddress ?? Number.POSITIVE_INFINITY, ...limits };
}
