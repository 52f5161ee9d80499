// Numbers for people.

/** Three digits that say something, in the unit that fits. */
export function time(milliseconds: number): string {
  if (milliseconds < 1) return `${(milliseconds * 1000).toFixed(0)} µs`;
  if (milliseconds < 1000) return `${digits(milliseconds)} ms`;
  return milliseconds < 120_000 ? `${digits(milliseconds / 1000)} s` : `${digits(milliseconds / 60_000)} min`;
}

export function number(value: number): string {
  return Number.isInteger(value)
    ? value.toLocaleString('en-US')
    : value >= 100
      ? number(Math.round(value))
      : digits(value);
}

export function bytes(count: number): string {
  if (count < 1024) return `${count} B`;
  const power = Math.min(4, Math.floor(Math.log(count) / Math.log(1024)));
  return `${digits(count / 1024 ** power)} ${['B', 'KiB', 'MiB', 'GiB', 'TiB'][power]}`;
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
