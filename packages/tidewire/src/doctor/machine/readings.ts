import { readFileSync } from 'node:fs';
import { join } from 'node:path';

// The files in which Linux says what its limits are.

export class Readings {
  readonly #root: string;

  /** @param root below which /proc and /sys are */
  constructor(root = '/') {
    this.#root = root;
  }

  /** What a file says, trimmed; `undefined` if it is not there or may not be read. */
  text(path: string): string | undefined {
    try {
      return readFileSync(join(this.#root, path), 'utf8').trim();
    } catch {
      return undefined;
    }
  }

  /** The numbers in a file; `undefined` if there are none. `max` counts as infinite. */
  numbers(path: string): readonly number[] | undefined {
    const words = this.text(path)?.split(/\s+/);
    const numbers = words?.map((word) => (word === 'max' ? Number.POSITIVE_INFINITY : Number(word)));
    return numbers?.every((number) => !Number.isNaN(number)) === true ? numbers : undefined;
  }

  /** The first number in a file. */
  number(path: string): number | undefined {
    return this.numbers(path)?.[0];
  }

  /** A setting of the kernel by its name, such as `net.core.somaxconn`. */
  sysctl(name: string): readonly number[] | undefined {
    return this.numbers(join('proc/sys', name.replaceAll('.', '/')));
  }
}

/** What sets a setting of the kernel now, and at every start. */
export function setSysctl(name: string, value: string | number): readonly string[] {
  const setting = typeof value === 'number' ? `${name}=${value}` : `${name}="${value}"`;
  return [`$ sysctl -w ${setting}`, `$ echo '${name} = ${value}' >> /etc/sysctl.d/90-tidewire.conf`];
}

export function plain(number: number): string {
  return number === Number.POSITIVE_INFINITY ? 'no limit' : number.toLocaleString('en-US');
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

export function bytes(size: number): string {
  let value = size;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value >= 100 || Number.isInteger(value) ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
