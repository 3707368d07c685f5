import { MqttError } from "../errors.js";

/** The largest Remaining Length (MQTT 3.1.1, 2.2.3). */
export const MAXIMUM_REMAINING_LENGTH = 268_435_455;

/** The most bytes that a fixed header takes: the first one, and a Remaining Length. */
export const MAXIMUM_HEADER = 5;

/**
 * Writes `value`, 0 to 268,435,455, as a variable byte integer in its shortest form. Allocates nothing.
 * @returns the index after the last byte written.
 */
export function writeLength(bytes: Record<number, number>, at: number, value: number): number {
  while (value > 0x7f) {
    bytes[at++] = value | 0x80;
    value >>= 7;
  }
  bytes[at] = value;
  return at + 1;
}

/**
 * Copies `part` to `at`. @returns the index after it.
 * @throws MqttError `ERR_PACKET_SIZE`.
 */
export function put(bytes: Uint8Array, at: number, part: Uint8Array): number {
  const end = at + part.length;
  if (end > bytes.length) throw packetSize(end, bytes.length);
  bytes.set(part, at);
  return end;
}

/**
 * Puts the fixed header before a packet's body, which has been written from `MAXIMUM_HEADER` to `end`.
 * @returns the packet's length; it begins at 0.
 */
export function frame(bytes: Uint8Array, first: number, end: number): number {
  const length = end - MAXIMUM_HEADER;
  bytes[0] = first;
  const start = writeLength(bytes, 1, length);
  bytes.copyWithin(start, MAXIMUM_HEADER, end);
  return start + length;
}

/** Bytes of a PUBACK, PUBREC, PUBREL or PUBCOMP. */
export const ACKNOWLEDGEMENT_SIZE = 4;

/** Writes a PUBACK, PUBREC, PUBREL or PUBCOMP (3.4 to 3.7), whose first byte is `first`. Allocates nothing. */
export function writeAcknowledgement(bytes: Uint8Array, at: number, first: number, identifier: number): void {
  bytes[at] = first;
  bytes[at + 1] = ACKNOWLEDGEMENT_SIZE - 2;
  bytes[at + 2] = identifier >> 8;
  bytes[at + 3] = identifier;
}

/** A packet that has no room. */
export function packetSize(needed: number, limit: number): MqttError {
  return new MqttError("ERR_PACKET_SIZE", `the packet needs ${needed} bytes or more, ${limit} is the limit`, "caller");
}

/** What `readLength` returns when the bytes end in the midst of a length, and when it has more than four bytes. */
export const INCOMPLETE = 0;
export const TOO_LONG = -1;

/**
 * Reads a Remaining Length (2.2.3). Allocates nothing, hence the two results in one number.
 * @returns the length times 8 plus the number of its bytes, or `INCOMPLETE`, or `TOO_LONG`.
 */
export function readLength(bytes: Uint8Array, at: number, end: number): number {
  let length = 0;
  for (let size = 1; size <= 4; size++) {
    if (at >= end) return INCOMPLETE;
    const byte = bytes[at++];
    length |= (byte & 0x7f) << (7 * size - 7);
    if (byte < 0x80) return length * 8 + size;
  }
  return TOO_LONG;
}
