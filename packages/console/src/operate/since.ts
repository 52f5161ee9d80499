/** How long ago a moment was: "42 s", "12 min", "3 h 5 min", "2 d 4 h". Both in milliseconds since 1970. */
export function formatSince(moment: number, now: number): string {
  return formatSpan(Math.max(0, now - moment) / 1000);
}

/** From seconds. */
export function formatSpan(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
