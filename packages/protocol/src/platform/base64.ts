const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** `bytes` in base64 with padding: RFC 4648, section 4. */
export function base64Encode(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let waiting = 0;
  for (const byte of bytes) {
    bits = (bits << 8) | byte;
    waiting += 8;
    while (waiting >= 6) {
      waiting -= 6;
      text += alphabet.charAt((bits >>> waiting) & 0x3f);
    }
  }
  if (waiting > 0) text += alphabet.charAt((bits << (6 - waiting)) & 0x3f);
  return text.padEnd(Math.ceil(bytes.length / 3) * 4, '=');
}
