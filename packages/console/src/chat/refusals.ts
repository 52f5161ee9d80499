// Why a message was not published, in a sentence for people. The codes from 100 on are those of the hub, the others the SDK's.

const sentences: Readonly<Record<number, string>> = {
  1: 'There was no answer: the message may have got through or not',
  103: 'Not sent: you are not in this room any more',
  106: 'Not sent: it is too large',
  107: 'Not sent: it is too large',
  111: 'Not so fast: this was not sent',
};

export function refusalText(error: unknown): string {
  const isKnown = typeof error === 'object' && error !== null;
  const code = isKnown && 'code' in error && typeof error.code === 'number' ? error.code : 0;
  const message = isKnown && 'message' in error && typeof error.message === 'string' ? error.message : '';
  const sentence = sentences[code];
  if (sentence !== undefined) return sentence;
  if (code >= 100) return `Not sent: ${message}`;
  return 'Not sent: the connection was lost';
}
