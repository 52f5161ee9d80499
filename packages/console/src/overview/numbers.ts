// Numbers as the overview shows them: short, and without more digits than they are worth.

/** "7", "1,234", "12.3 k", "4.5 M" */
export function formatCount(value: number): string {
  if (value < 9999.5) return Math.round(value).toLocaleString('en');
  if (value < 999_500) return `${(value / 1000).toFixed(value < 99_500 ? 1 : 0)} k`;
  return `${(value / 1e6).toFixed(value < 99_500_000 ? 1 : 0)} M`;
}

/** In a second: "0", "0.4", "12", "3.4 k" */
export function formatRate(value: number): string {
  if (value === 0) return '0';
  return value < 9.95 ? value.toFixed(1) : formatCount(value);
}

/** From seconds: "0", "80 µs", "1.2 ms", "45 ms", "1.2 s" */
export function formatDuration(seconds: number): string {
  if (seconds === 0) return '0';
  if (seconds < 0.000_999_5) return `${Math.round(seconds * 1e6)} µs`;
  if (seconds < 0.999_5) return `${seconds < 0.009_95 ? (seconds * 1e3).toFixed(1) : Math.round(seconds * 1e3)} ms`;
  return `${seconds.toFixed(1)} s`;
}

/** Of one CPU: "12 %" */
export function formatPart(part: number): string {
  const percent = part * 100;
  return `${percent === 0 || percent >= 9.95 ? Math.round(percent) : percent.toFixed(1)} %`;
}

/** "78 B", "12.4 kB", "385 MB": in powers of 1000, so that the round values beside an axis are round. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;
  let value = bytes;
  let index = 0;
  while (value >= 999.5 && index < units.length - 1) {
    value /= 1000;
    index++;
  }
  const isRound = index === 0 || value >= 99.95 || Number.isInteger(value);
  return `${isRound ? Math.round(value) : value.toFixed(1)} ${units[index]}`;
}
