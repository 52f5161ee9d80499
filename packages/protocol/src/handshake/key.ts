import { base64Encode } from '../platform/base64.ts';
import type { Platform } from '../platform.ts';

// Sec-WebSocket-Key and Sec-WebSocket-Accept: they show that the server read the request as a WebSocket handshake.

/** RFC 6455, 1.3 */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** A new Sec-WebSocket-Key. 4.1, item 7: a nonce of 16 bytes, chosen at random for each connection. */
export function createKey(platform: Platform): string {
  const nonce = platform.allocate(16);
  platform.randomFill(nonce);
  return base64Encode(nonce);
}

/** The Sec-WebSocket-Accept that answers `key`: 4.2.2, item 5.4. */
export function acceptFor(key: string, platform: Platform): string {
  return platform.sha1Base64(key + GUID);
}

/** Whether `value` is the base64 of 16 bytes (4.2.1, item 5). The 4 bits that stand for no byte may be anything. */
export function isKey(value: string): boolean {
  return /^[A-Za-z0-9+/]{22}==$/.test(value);
}
