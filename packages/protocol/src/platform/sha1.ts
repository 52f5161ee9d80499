// SHA-1 (FIPS 180-4, 6.1). The opening handshake uses it as a checksum, not as protection (RFC 6455, 10.8).

const BLOCK = 64;

/** The SHA-1 digest of `bytes`, 20 bytes long. */
export function sha1(bytes: Uint8Array): Uint8Array {
  const message = pad(bytes);
  const schedule = new DataView(new ArrayBuffer(80 * 4));
  let h0 = 0x67452301;
  let h1 = 0xefcdab89;
  let h2 = 0x98badcfe;
  let h3 = 0x10325476;
  let h4 = 0xc3d2e1f0;
  for (let block = 0; block < message.byteLength; block += BLOCK) {
    fillSchedule(schedule, message, block);
    let a = h0;
    let b = h1;
    let c = h2;
    let d = h3;
    let e = h4;
    for (let round = 0; round < 80; round += 1) {
      const next = (rotate(a, 5) + mix(round, b, c, d) + e + schedule.getInt32(round * 4)) | 0;
      e = d;
      d = c;
      c = rotate(b, 30);
      b = a;
      a = next;
    }
    h0 = (h0 + a) | 0;
    h1 = (h1 + b) | 0;
    h2 = (h2 + c) | 0;
    h3 = (h3 + d) | 0;
    h4 = (h4 + e) | 0;
  }
  const digest = new DataView(new ArrayBuffer(20));
  for (const [index, word] of [h0, h1, h2, h3, h4].entries()) digest.setInt32(index * 4, word);
  return new Uint8Array(digest.buffer);
}

/** 5.1.1: the message, a bit 1, zeros up to the last 8 bytes of a block, and the message's length in bits. */
function pad(bytes: Uint8Array): DataView {
  const length = Math.ceil((bytes.length + 1 + 8) / BLOCK) * BLOCK;
  const padded = new Uint8Array(length);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(length - 8, BigInt(bytes.length) * 8n);
  return view;
}

/** 6.1.2, step 1: the block's 16 words, and 64 more made of them. */
function fillSchedule(schedule: DataView, message: DataView, block: number): void {
  for (let at = 0; at < BLOCK; at += 4) schedule.setInt32(at, message.getInt32(block + at));
  for (let at = BLOCK; at < schedule.byteLength; at += 4) {
    const mixed =
      schedule.getInt32(at - 12) ^ schedule.getInt32(at - 32) ^ schedule.getInt32(at - 56) ^ schedule.getInt32(at - 64);
    schedule.setInt32(at, rotate(mixed, 1));
  }
}

/** 4.1.1 and 4.2.1: the function and the constant of a round, added up. */
function mix(round: number, b: number, c: number, d: number): number {
  if (round < 20) return ((b & c) | (~b & d)) + 0x5a827999;
  if (round < 40) return (b ^ c ^ d) + 0x6ed9eba1;
  if (round < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
  return (b ^ c ^ d) + 0xca62c1d6;
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
