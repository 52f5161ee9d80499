const units = ['KiB', 'MiB', 'GiB'] as const;

/** A number of bytes for people, in powers of 1024: "20 B", "1.5 KiB". */
export function formatSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  let value = bytes / 1024;
  let unit: string = units[0];
  for (const next of units.slice(1)) {
    if (value < 1024) break;
    value /= 1024;
    unit = next;
  }
  return `${value.toFixed(1)} ${unit}`;
}

const pad = (value: number, length = 2) => String(value).padStart(length, '0');

/** The time of day with milliseconds, in the reader's time zone: "14:03:09.120". */
export function formatTime(at: number): string {
  const date = new Date(at);
  return `${formatClock(at)}:${pad(date.getSeconds())}.${pad(date.getMilliseconds(), 3)}`;
}

/** The time of day to the minute, in the reader's time zone: "14:03". */
export function formatClock(at: number): string {
  const date = new Date(at);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

/** The day in the reader's language and time zone: "Saturday, 21 November". */
export function formatDay(at: number): string {
  return new Date(at).toLocaleDateString(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
}

/** The text laid out over lines if it is a JSON object or array, else `undefined`. */
export function prettyJson(text: string): string | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return undefined;
  }
}
