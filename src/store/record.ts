import { crcOfInteger } from "./crc32.js";

// A record in flash:
//
//   0   4  0xffffffff as long as it is in force, 0 from when it is erased
//   4   2  length of its data
//   6   2  checksum of what stands here, without which its length could not be relied on
//   8   4  key
//  12   4  ordinal: counts the records put, so that their order outlives their being moved
//  16   4  checksum of the data, which goes on from that above
//  20      data, and 0 to 3 bytes that fill it up to a multiple of 4

/** Bytes before a record's data. */
export const RECORD_HEADER = 20;

export const LENGTH_AT = 4;
export const CHECK_AT = 6;
export const KEY_AT = 8;
export const ORDINAL_AT = 12;
export const CHECKSUM_AT = 16;

/** Bytes that a record takes, given those of its data. */
export function recordSize(length: number): number {
  return (RECORD_HEADER + length + 3) & ~3;
}

/**
 * The checksum of a record's header. It differs with where the record lies, and with every use of its sector, so that
 * nothing from another time or inside of another record's data is taken for one. Its lower half is never 0, so that what has
 * been cleared is not taken for one either.
 */
export function headerChecksum(sequence: number, position: number, length: number, key: number, ordinal: number): number {
  let crc = crcOfInteger(~sequence, position);
  crc = crcOfInteger(crc, key);
  crc = crcOfInteger(crc ^ (length << 16), ordinal);
  return crc & 0xffff ? crc : crc | 1;
}

/**
 * Whether the first four bytes of a record say that it is in force: most of them have all bits set. Each is written at
 * once with the others, so that no single byte that is damaged, or is missing where the power went, decides.
 */
export function isInForce(word: number): boolean {
  let set = 0;
  for (let at = 0; at < 4; at++) if (((word >> (8 * at)) & 0xff) === 0xff) set++;
  return set > 2;
}
