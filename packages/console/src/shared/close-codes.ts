// RFC 6455, 7.4.1, and the IANA registry of WebSocket close codes.
const meanings: Readonly<Record<number, string>> = {
  1000: 'Normal closure',
  1001: 'Going away: the server shuts down, or the page was left',
  1002: 'Protocol error',
  1003: 'Unsupported data',
  1005: 'No status received: the Close frame had no code',
  1006: 'Abnormal closure: the connection ended without a Close frame',
  1007: 'Invalid payload: for one, text that is not UTF-8',
  1008: 'Policy violation',
  1009: 'Message too big',
  1010: 'Mandatory extension missing',
  1011: 'Internal error of the server',
  1012: 'Service restart',
  1013: 'Try again later',
  1014: 'Bad gateway',
  1015: 'TLS handshake failed',
};

/**
 * What a close code says, in a few words.
 * @param opened whether the connection was ever open. A browser also says 1006 when it never was.
 */
export function closeCodeMeaning(code: number, opened: boolean): string {
  if (code === 1006 && !opened) return 'The connection could not be opened';
  const meaning = meanings[code];
  if (meaning !== undefined) return meaning;
  if (code >= 3000 && code <= 3999) return 'Registered by a library or framework';
  if (code >= 4000 && code <= 4999) return 'Private to the application';
  return 'Not a defined close code';
}
