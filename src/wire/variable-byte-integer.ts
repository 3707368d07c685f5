/** The largest value that the four bytes of a Remaining Length can say (MQTT 3.1.1, 2.2.3). */
export const MAXIMUM_REMAINING_LENGTH = 268_435_455;

/** How many bytes `value` takes as a Remaining Length: 1 to 4. */
export function variableByteIntegerSize(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  return value < 0x200000 ? 3 : 4;
}

/**
 * Writes `value`, 0 to 268,435,455, in its shortest form. Allocates nothing.
 * @returns the index after the last byte written.
 */
export function writeVariableByteInteger(bytes: Uint8Array, at: number, value: number): number {
  while (value > 0x7f) {
    bytes[at++] = (value & 0x7f) | 0x80;
    value >>>= 7;
  }
  bytes[at++] = value;
  return at;
}
