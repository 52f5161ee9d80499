// Numbers as the race shows them: short enough for a column of a phone, and without more digits than they are worth.

/** "0.8 ms", "52 ms", "1.24 s" */
export function formatLatency(milliseconds: number): string {
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toFixed(2)} s`;
  return `${milliseconds < 9.95 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
}

/** "78 B", "12.4 kB": in powers of 1000, as networks are measured. */
export function formatBytes(bytes: number): string {
  if (bytes < 999.5) return `${Math.round(bytes)} B`;
  if (bytes < 999_500) return `${(bytes / 1000).toFixed(bytes < 9950 ? 1 : 0)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** From microseconds: "45 µs", "1.2 ms" */
export function formatCpu(microseconds: number): string {
  return microseconds < 999.5 ? `${Math.round(microseconds)} µs` : `${(microseconds / 1000).toFixed(1)} ms`;
}
