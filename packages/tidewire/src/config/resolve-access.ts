import { createPermissions, type PermissionsOptions, type TokenOptions } from '@tidewire/hub';
import type { ConfigFiles } from './files.ts';
import type { KeyPath } from './outline.ts';
import type { Config } from './schema.ts';

// Who is let in: secrets and keys from the configuration and from the files that it names, each tried by itself, so that the one
// that is wrong can be named.

export function permissionsOptions({ tokens, anonymous, limits }: Config, files: ConfigFiles): PermissionsOptions {
  return {
    isAnonymousAllowed: anonymous,
    hookTimeout: limits.hookTimeout,
    tokens: tokens && tokenOptions(tokens, files),
  };
}

/** What is wrong with a key is a problem of it, at `tokens` in the configuration. */
export function tokenOptions(tokens: NonNullable<Config['tokens']>, files: ConfigFiles): TokenOptions {
  const { algorithms, audience, issuer, clockTolerance } = tokens;
  const secrets = [
    ...tokens.secrets.map((secret, index) => ({ path: ['tokens', 'secrets', index], secret })),
    ...texts(['tokens', 'secretFiles'], tokens.secretFiles, files).map(({ path, text }) => ({ path, secret: text })),
  ];
  const publicKeys = texts(['tokens', 'publicKeyFiles'], tokens.publicKeyFiles, files);
  for (const { path, secret } of secrets) tryTokens(path, { secrets: [secret] }, files);
  for (const { path, text } of publicKeys) tryTokens(path, { publicKeys: [text] }, files);
  const jwks = keySet(tokens, files);
  const named = [...tokens.secrets, ...tokens.secretFiles, ...tokens.publicKeyFiles];
  const isEmpty = named.length === 0 && tokens.jwks === undefined && tokens.jwksFile === undefined;
  if (isEmpty)
    files.complain(['tokens'], 'has no key: it must have secrets, secretFiles, publicKeyFiles, jwks or jwksFile');
  return {
    secrets: secrets.map(({ secret }) => secret),
    publicKeys: publicKeys.map(({ text }) => text),
    ...{ jwks, algorithms, audience, issuer, clockTolerance },
  };
}

function texts(path: KeyPath, names: readonly string[], files: ConfigFiles) {
  return names.flatMap((name, index) => {
    const text = files.text([...path, index], name);
    return text === undefined || text === '' ? [] : [{ path: [...path, index], text }];
  });
}

function keySet({ jwks, jwksFile }: NonNullable<Config['tokens']>, files: ConfigFiles): TokenOptions['jwks'] {
  const path = ['tokens', 'jwksFile'];
  if (jwksFile === undefined) return jwks;
  if (jwks !== undefined) files.complain(path, 'says the same as jwks: leave one of them out');
  const text = files.text(path, jwksFile);
  if (text === undefined) return undefined;
  const set = parseKeySet(text);
  if (set === undefined) files.complain(path, `${jwksFile} has no set of keys: it must be JSON, { "keys": [ … ] }`);
  else tryTokens(path, { jwks: set }, files);
  return set;
}

function parseKeySet(text: string): { keys: Record<string, unknown>[] } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(value) || !Array.isArray(value.keys) || !value.keys.every(isObject)) return undefined;
  return { keys: value.keys };
}

function tryTokens(path: KeyPath, tokens: TokenOptions, files: ConfigFiles): void {
  try {
    createPermissions({ tokens });
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    files.complain(path, text.replace(/^tokens\.\w+(?:\[0\])? /, ''));
  }
}

/** At least 16 characters that can stand in a header as they are. */
const KEY = /^[\x21-\x7e]{16,}$/;

export function apiKeys(keys: Config['api']['keys'], files: ConfigFiles) {
  const seen = new Set<string>();
  return keys.flatMap((settings, index) => {
    const path = ['api', 'keys', index];
    const { name, operations, namespaces, rate } = settings;
    const key = files.secret(path, 'key', settings);
    const at = [...path, settings.key === undefined ? 'keyFile' : 'key'];
    if (key === undefined) {
      if (settings.keyFile === undefined) files.complain(path, 'has neither key nor keyFile');
      return [];
    }
    if (!KEY.test(key)) files.complain(at, 'must be 16 or more characters: printable ASCII without spaces');
    if (seen.has(key)) files.complain(at, 'is the same as the key of another');
    seen.add(key);
    return [{ name, key, operations, namespaces, rate }];
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
