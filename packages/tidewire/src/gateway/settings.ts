import { type AccessKey, type GatewayOptions, subprotocolsOf, type Target } from '@tidewire/gateway';
import { readDocument } from '../config/document.ts';
import { ConfigFiles } from '../config/files.ts';
import { type Entry, Layers, layerOf } from '../config/layers.ts';
import { ConfigError } from '../config/load.ts';
import { problemLines, problemsOf } from '../config/problems.ts';
import { tokenOptions } from '../config/resolve-access.ts';
import { tlsFiles } from '../config/resolve-tls.ts';
import { nearest } from '../config/suggestion.ts';
import type { TlsFiles } from '../service/tls.ts';
import { troubleWith, troubleWithAuthorities } from '../service/tls.ts';
import { type GatewayConfig, gatewayOutline, gatewaySchema } from './schema.ts';
import { readTargetUrl } from './target-url.ts';

// From the file and the flags to what a gateway takes. All that is wrong is said at once, a line for each.

export interface GatewaySettings {
  readonly config: GatewayConfig;
  readonly gateway: GatewayOptions;
  readonly tls: TlsFiles | undefined;
  /** Who asks for the metrics must have it. */
  readonly metricsKey: string | undefined;
}

/**
 * @param file YAML or JSON; `undefined` for none
 * @throws ConfigError
 */
export function loadGatewaySettings(file: string | undefined, flags: readonly Entry[]): GatewaySettings {
  if (file?.trim() === '') throw new ConfigError(['The name of the configuration must not be empty']);
  const document = file === undefined ? undefined : readDocument(file);
  if (Array.isArray(document)) throw new ConfigError(document);
  const fileLayer = document === undefined || !('value' in document) ? [] : [document];
  const layers = new Layers([...fileLayer, layerOf(flags)]);
  if (file === undefined && !flags.some(({ path }) => path[0] === 'targets')) {
    throw new ConfigError(['A gateway needs a target: --map NAME=tcp://HOST:PORT, or --config FILE']);
  }
  const result = gatewaySchema.safeParse(layers.value);
  if (!result.success) {
    throw new ConfigError(
      problemLines(layers, problemsOf(result.error.issues, layers.value, gatewayOutline), gatewayOutline),
    );
  }
  const files = new ConfigFiles(layers);
  const settings = settingsOf(result.data, files);
  if (files.problems.length > 0) throw new ConfigError(problemLines(layers, files.problems, gatewayOutline));
  return settings;
}

function settingsOf(config: GatewayConfig, files: ConfigFiles): GatewaySettings {
  const { origins, requireOrigin, trustedProxies, limits, heartbeat, deflate } = config;
  const targets = Object.entries(config.targets).map(([name, target]) => targetOf(name, target, files));
  noteCollisions(targets, files);
  return {
    config,
    tls: tlsFiles(config.listen.tls, files),
    metricsKey: files.secret(['metrics'], 'key', config.metrics),
    gateway: {
      targets,
      tokens: config.tokens && tokenOptions(config.tokens, files),
      keys: keysOf(config, files),
      origins: origins.includes('any') ? 'any' : origins,
      ...{ requireOrigin, trustedProxies, deflate },
      maxConnections: limits.connections,
      maxConnectionsPerAddress: limits.connectionsPerAddress,
      maxInFlight: limits.inFlight,
      writeTimeout: limits.writeTimeout,
      closeTimeout: limits.closeTimeout,
      heartbeat: heartbeat === false ? false : { interval: heartbeat },
    },
  };
}

function targetOf(name: string, target: GatewayConfig['targets'][string], files: ConfigFiles): Target {
  const { to, path, subprotocols, messages, proxyProtocol, maxMessage, connectTimeout, idleTimeout } = target;
  const address = readTargetUrl(to);
  // The schema has seen to it.
  if (address === undefined) throw new Error(`${to} is no target`);
  const at = ['targets', name, 'tls'];
  const { servername, insecure } = target.tls;
  const [ca, cert, key] = (['ca', 'cert', 'key'] as const).map((each) => files.read([...at, each], target.tls[each]));
  const caTrouble = ca && troubleWithAuthorities(ca);
  if (caTrouble !== undefined) files.complain([...at, 'ca'], `${target.tls.ca} ${caTrouble}`);
  if ((target.tls.cert === undefined) !== (target.tls.key === undefined)) {
    files.complain(at, 'must have cert and key, or neither');
  } else if (cert !== undefined && key !== undefined) {
    const trouble = troubleWith({ cert, key });
    if (trouble !== undefined) files.complain([...at, trouble.of], `${target.tls[trouble.of]} ${trouble.text}`);
  }
  const tls = { ca, servername, cert, key, insecure };
  const { type, host, port } = address;
  return {
    ...{ name, type, host, port, path, subprotocols, messages, proxyProtocol, connectTimeout, idleTimeout },
    encryption: target.encryption,
    maxMessageSize: maxMessage,
    maxStanzaSize: target.maxStanza,
    // What another kind than a tunnel may begin later goes by the same files.
    tls: address.tls ? tls : false,
    startTls: tls,
  };
}

/** Targets that nobody could tell apart. */
function noteCollisions(targets: readonly Target[], files: ConfigFiles): void {
  const seen = new Map<string, string>();
  for (const target of targets) {
    const { name, path = `/${name}` } = target;
    for (const subprotocol of subprotocolsOf(target)) {
      const other = seen.get(`${path} ${subprotocol}`);
      if (other !== undefined) {
        files.complain(
          ['targets', name],
          `is ${subprotocol} at ${path}, as ${other} is: give one of them another path`,
        );
        break;
      }
      seen.set(`${path} ${subprotocol}`, name);
    }
  }
}

function keysOf({ keys, targets }: GatewayConfig, files: ConfigFiles): readonly AccessKey[] {
  const names = Object.keys(targets);
  return keys.flatMap((settings, index) => {
    const path = ['keys', index];
    for (const [at, name] of (settings.targets ?? []).entries()) {
      if (names.includes(name)) continue;
      const near = nearest(name, names);
      files.complain(
        [...path, 'targets', at],
        `there is no target ${name}${near === undefined ? '' : `. Did you mean ${near}?`}`,
      );
    }
    const key = files.secret(path, 'key', settings);
    if (key === undefined) {
      if (settings.keyFile === undefined) files.complain(path, 'has neither key nor keyFile');
      return [];
    }
    if (!/^[\x21-\x7e]{16,}$/.test(key)) {
      const at = [...path, settings.key === undefined ? 'keyFile' : 'key'];
      files.complain(at, 'must be 16 or more characters: printable ASCII without spaces');
    }
    return [{ name: settings.name, key, targets: settings.targets }];
  });
}
