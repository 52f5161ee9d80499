// Chromium is in a hurry when it writes a PNG, and has a colour of its own for every edge of a letter. Pages are mostly flat: the colours
// that are there most often and those that are like none of them, rows without a filter and all of zlib's effort make a file of less than half the size, in which
// nobody sees a difference. Only what Chromium writes is understood: 8 bits, RGB or RGBA, not interlaced. Sections are those of PNG,
// third edition.

import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = 8;
/** Of a chunk: its length and its type before it, its CRC behind it (5.3). */
const BEFORE = 8;
const AROUND = 12;
/** The colour type of a picture with a palette (11.2.1). */
const INDEXED = 3;
const COLOURS = 256;

/** @param {Buffer} png */
export function smaller(png) {
  const chunks = [...chunksOf(png)];
  const header = Buffer.from(chunks[0]?.data ?? []);
  const width = header.readUInt32BE(0);
  const size = header[9] === 6 ? 4 : 3;
  const packed = Buffer.concat(chunks.flatMap(({ type, data }) => (type === 'IDAT' ? [data] : [])));
  const rows = unfiltered(inflateSync(packed), width * size, size);
  const { palette, indices } = indexed(rows, width, size);
  header[9] = INDEXED;
  const made = [
    chunk('IHDR', header),
    chunk('PLTE', palette),
    chunk('IDAT', deflateSync(indices, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ];
  return Buffer.concat([png.subarray(0, SIGNATURE), ...made]);
}

/**
 * The rows with the numbers of colours, and these.
 * @param {Buffer} rows each behind its filter
 * @param {number} width in pixels
 * @param {number} size of a pixel, in bytes
 */
function indexed(rows, width, size) {
  const length = width * size + 1;
  const indices = Buffer.alloc((rows.length / length) * (width + 1));
  const pixelAt = (/** @type {number} */ at) => {
    const column = at % (width + 1);
    return column === 0
      ? undefined
      : rows.readUIntBE(Math.floor(at / (width + 1)) * length + 1 + (column - 1) * size, 3);
  };
  /** @type {Map<number, number>} */
  const counts = new Map();
  for (let at = 0; at < indices.length; at++) {
    const pixel = pixelAt(at);
    if (pixel !== undefined) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  }
  const kept = chosenOf(counts);
  const nearest = new Map([...counts.keys()].map((colour) => [colour, nearestOf(colour, kept)]));
  for (let at = 0; at < indices.length; at++) indices[at] = nearest.get(pixelAt(at) ?? -1) ?? 0;
  return { palette: Buffer.from(kept.flatMap(channelsOf)), indices };
}

/**
 * Half of them by how often they are there, and then whichever is least like those that there are, so that a small dot of red is red.
 * @param {ReadonlyMap<number, number>} counts
 */
function chosenOf(counts) {
  const byCount = [...counts].sort(([, one], [, other]) => other - one);
  const kept = byCount.slice(0, COLOURS / 2).map(([colour]) => colour);
  const others = byCount.slice(COLOURS / 2).map(([colour, count]) => {
    return { colour, count, away: Math.min(...kept.map((each) => distance(each, colour))) };
  });
  while (kept.length < COLOURS && others.length > 0) {
    const { colour } = others.reduce((best, each) => (weightOf(each) > weightOf(best) ? each : best));
    kept.push(colour);
    for (const each of others) each.away = Math.min(each.away, distance(each.colour, colour));
    if (others.every(({ away }) => away === 0)) break;
  }
  return kept;
}

/** @param {{ count: number, away: number }} colour */
function weightOf({ count, away }) {
  return away * Math.sqrt(count);
}

/**
 * @param {number} one
 * @param {number} other
 */
function distance(one, other) {
  const wanted = channelsOf(other);
  return channelsOf(one).reduce((sum, channel, index) => sum + (channel - (wanted[index] ?? 0)) ** 2, 0);
}

/** @param {number} colour */
function channelsOf(colour) {
  return [colour >> 16, (colour >> 8) & 0xff, colour & 0xff];
}

/**
 * The place of the colour that is most like it.
 * @param {number} colour
 * @param {readonly number[]} kept
 */
function nearestOf(colour, kept) {
  const distances = kept.map((each) => distance(each, colour));
  return distances.indexOf(Math.min(...distances));
}

/** @param {Buffer} png */
function* chunksOf(png) {
  for (let at = SIGNATURE; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const data = png.subarray(at + BEFORE, at + BEFORE + length);
    yield { type: png.toString('latin1', at + 4, at + BEFORE), data };
    at += AROUND + length;
  }
}

/**
 * @param {string} type
 * @param {Buffer} data
 */
function chunk(type, data) {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}

/**
 * The rows as they are, each behind a zero: the filter None (9.2).
 * @param {Buffer} bytes
 * @param {number} width of a row, in bytes
 * @param {number} size of a pixel, in bytes
 */
function unfiltered(bytes, width, size) {
  const rows = Buffer.from(bytes);
  for (let begin = 0; begin < rows.length; begin += width + 1) {
    const filter = rows[begin] ?? 0;
    rows[begin] = 0;
    for (let at = begin + 1; at <= begin + width; at++) {
      const isFirst = at - size <= begin;
      const left = isFirst ? 0 : (rows[at - size] ?? 0);
      const up = rows[at - width - 1] ?? 0;
      const corner = isFirst ? 0 : (rows[at - width - 1 - size] ?? 0);
      rows[at] = (rows[at] ?? 0) + [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
    }
  }
  return rows;
}

/**
 * 9.4
 * @param {number} left
 * @param {number} up
 * @param {number} corner
 */
function paeth(left, up, corner) {
  const guess = left + up - corner;
  const [toLeft, toUp, toCorner] = [left, up, corner].map((each) => Math.abs(guess - each));
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}
