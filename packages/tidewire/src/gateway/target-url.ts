import { kinds, type TargetKind, type TargetType } from '@tidewire/gateway';

// A target as one writes it: tcp://localhost:61613, tls://broker:8883.

export interface TargetAddress {
  readonly type: TargetType;
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

const types: readonly (readonly [TargetType, TargetKind])[] = Object.entries(kinds).map(([type, kind]) => [
  typeOf(type),
  kind,
]);
const schemes = types.flatMap(([, kind]) => Object.keys(kind.schemes));

export const rightTargetUrl = schemes
  .map((scheme) => `${scheme}://HOST:PORT`)
  .join(', ')
  .replace(/, ([^,]+)$/, ' or $1');

export function isTargetUrl(text: string): boolean {
  return readTargetUrl(text) !== undefined;
}

/** `undefined` if it is none. */
export function readTargetUrl(text: string): TargetAddress | undefined {
  const [, scheme = '', host = '', digits] =
    /^([a-z]+):\/\/(\[[\da-fA-F:.]+\]|[^\s:/?#@[\]]+)(?::(\d{1,5}))?\/?$/.exec(text) ?? [];
  for (const [type, kind] of types) {
    const known = Object.hasOwn(kind.schemes, scheme) ? kind.schemes[scheme] : undefined;
    if (known === undefined) continue;
    const port = digits === undefined ? known.port : Number(digits);
    if (port === undefined || port < 1 || port > 65_535) return undefined;
    return { type, host: host.replace(/^\[(.*)\]$/, '$1'), port, tls: known.tls };
  }
  return undefined;
}

function typeOf(name: string): TargetType {
  if (!isType(name)) throw new Error(`There is no such kind of target: ${name}`);
  return name;
}

function isType(name: string): name is TargetType {
  return Object.hasOwn(kinds, name);
}
