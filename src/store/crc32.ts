// CRC-32 as of IEEE 802.3, four bits at a time: a table for eight would take 4 kB of the device's flash.

/** The remainders of the numbers of four bits. */
const REMAINDERS: readonly number[] = Object.freeze([
  0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c, 0xedb88320 | 0, 0xf00f9344 | 0,
  0xd6d6a3e8 | 0, 0xcb61b38c | 0, 0x9b64c2b0 | 0, 0x86d3d2d4 | 0, 0xa00ae278 | 0, 0xbdbdf21c | 0,
]);

/** Goes on with the checksum `crc`, an integer of 32 bits, over the first `length` bytes. Allocates nothing. */
export function crcOfBytes(crc: number, bytes: Uint8Array, length: number): number {
  for (let at = 0; at < length; at++) {
    crc ^= bytes[at];
    crc = (crc >>> 4) ^ REMAINDERS[crc & 15];
    crc = (crc >>> 4) ^ REMAINDERS[crc & 15];
  }
  return crc;
}

/** Goes on with the checksum `crc` over an integer of 32 bits. Allocates nothing. */
export function crcOfInteger(crc: number, value: number): number {
  crc ^= value;
  for (let digits = 0; digits < 8; digits++) crc = (crc >>> 4) ^ REMAINDERS[crc & 15];
  return crc;
}
