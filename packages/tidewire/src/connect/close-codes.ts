// RFC 6455, 7.4.1, and the IANA registry of close codes.
const meanings: Readonly<Record<number, string>> = {
  1000: 'normal closure',
  1001: 'going away',
  1002: 'protocol error',
  1003: 'unsupported data',
  1005: 'no code given',
  1006: 'no closing handshake',
  1007: 'invalid payload',
  1008: 'policy violation',
  1009: 'message too big',
  1010: 'extension missing',
  1011: 'internal error of the server',
  1012: 'service restart',
  1013: 'try again later',
  1014: 'bad gateway',
  1015: 'TLS handshake failed',
};

/** What a close code says, in a few words. */
export function closeCodeMeaning(code: number): string {
  const meaning = meanings[code];
  if (meaning !== undefined) return meaning;
  if (code >= 4000 && code <= 4999) return "the application's own";
  return code >= 3000 && code <= 3999 ? "a library's own" : 'not a defined code';
}
