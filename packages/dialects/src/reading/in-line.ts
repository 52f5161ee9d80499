/**
 * JSON in one line, so that it can be written among lines, or as an event of a stream of events. Within JSON, line breaks
 * are white space and nothing else.
 */
export function inLine(json: string): string {
  return json.includes('\n') || json.includes('\r') ? json.replaceAll(/[\r\n]/g, ' ') : json;
}
