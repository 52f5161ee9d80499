import { type Disconnect, disconnectCodes } from '@tidewire/hub';

/** What a Close frame has room for, beside its code: RFC 6455, 5.5. */
const MAX_REASON = 123;

/**
 * A disconnect as a Close frame can say it. Codes and reasons come from applications, too, and nothing that they choose may
 * keep a connection from being closed.
 */
export function closeFrame({ code, reason }: Disconnect): Disconnect {
  if (!(Number.isInteger(code) && code >= 3000 && code <= 4999)) return disconnectCodes.SERVER_ERROR;
  return { code, reason: cut(reason) };
}

/** As many whole characters as there is room for. */
function cut(reason: string): string {
  if (Buffer.byteLength(reason) <= MAX_REASON) return reason;
  let kept = '';
  let length = 0;
  for (const character of reason) {
    length += Buffer.byteLength(character);
    if (length > MAX_REASON) break;
    kept += character;
  }
  return kept;
}
