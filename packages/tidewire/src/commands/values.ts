import { InvalidArgumentError } from 'commander';

// What the values of options look like. Every parser throws InvalidArgumentError with what would have been right.

/** An address or a name. Node would take an empty one for every interface. */
export function parseHost(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('An address must not be empty; 0.0.0.0 or :: is all of them.');
}

/** 0 to 65535. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a number from 0 to 65535.');
}

/** Where to listen. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Where to listen: a port of this machine alone, as 8400, an address and a port, as 0.0.0.0:8400 or [::]:8400, or a port of all
 * addresses, as :8400.
 */
export function parseListenAddress(text: string): ListenAddress {
  const [, six, four, port = ''] = /^(?:(?:\[([\da-f:.]+)\]|([^:[\]\s]+))?:)?(\d{1,5})$/i.exec(text) ?? [];
  const host = six ?? four ?? (text.startsWith(':') ? '::' : '127.0.0.1');
  if (port !== '' && Number(port) <= 65_535) return { host, port: Number(port) };
  throw new InvalidArgumentError(
    'This is a port, such as 8400, an address and a port, such as 10.0.0.1:8400, or :8400 for all addresses.',
  );
}

const units: Readonly<Record<string, number>> = { '': 1, b: 1, kib: 1024, mib: 1024 ** 2, gib: 1024 ** 3 };

/** A positive number of bytes, such as 65536, 64KiB or 16MiB. */
export function parseSize(text: string): number {
  const [, digits = '', unit = ''] = /^(\d+)\s*([a-z]*)$/i.exec(text) ?? [];
  const size = Number(digits) * (units[unit.toLowerCase()] ?? Number.NaN);
  if (digits !== '' && size >= 1 && Number.isSafeInteger(size)) return size;
  throw new InvalidArgumentError('A size is a number of bytes, such as 65536, 64KiB or 16MiB.');
}

const times: Readonly<Record<string, number>> = { ms: 1, '': 1000, s: 1000, m: 60_000, h: 3_600_000 };

/** The longest that Node's timers can wait. In milliseconds: nearly 25 days. */
const LONGEST = 2 ** 31 - 1;

/** A positive time in milliseconds, from text such as 500ms, 30s, 2m or 1h; a number alone is seconds. */
export function parseTime(text: string): number {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|)$/.exec(text) ?? [];
  const time = Math.round(Number(digits) * (times[unit] ?? Number.NaN));
  if (digits !== '' && time >= 1 && time <= LONGEST) return time;
  throw new InvalidArgumentError('A time is such as 500ms, 30s, 2m or 1h.');
}

/** Like `parseTime`, and `false` for `none`. */
export function parseTimeOrNone(text: string): number | false {
  return text === 'none' ? false : parseTime(text);
}

export function parseCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && Number.isSafeInteger(count)) return count;
  throw new InvalidArgumentError('This must be a whole number from 1 on.');
}

/** One of several origins, such as https://example.com. */
export function collectOrigin(text: string, before: readonly string[] | undefined): readonly string[] {
  const origin = URL.canParse(text) ? new URL(text).origin : 'null';
  if (origin === 'null' || !/^https?:/.test(origin) || origin !== text.toLowerCase().replace(/\/$/, '')) {
    throw new InvalidArgumentError('An origin is a scheme, a host and perhaps a port, such as https://example.com.');
  }
  return [...(before ?? []), origin];
}

/** One of several headers, `name: value`. */
export function collectHeader(
  text: string,
  before: readonly (readonly [string, string])[] | undefined,
): readonly (readonly [string, string])[] {
  const [, name, value] = /^([^\s:]+):\s*(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError("A header is written 'name: value'.");
  }
  return [...(before ?? []), [name, value.trim()]];
}

export function collect(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}
