/**
 * A payload that is fetched piece by piece while it is sent, so that it may be larger than any buffer.
 * Messages of QoS 1 and 2 that do not fit `packetSize` keep their source until they are acknowledged, and read it
 * again from position 0 where they must be sent again.
 */
export interface PayloadSource {
  /** All the bytes of the payload, announced to the server before the first is read. Must not change. */
  readonly length: number;

  /**
   * Puts the payload's bytes from `position` on into `target`, from index `start` up to `end`.
   * @returns how many were put; 0 when none are ready yet (call `Client.resume` when they are); a negative number to
   * give up, which closes the connection, because the server has been promised `length` bytes.
   */
  read(target: Uint8Array, start: number, end: number, position: number): number;
}

/**
 * Reads `count` bytes of a payload from `position` on into `target` from `start` on. Allocates nothing, which costs a loop:
 * the device has no native copy from the middle of one buffer to another.
 */
export function readPayload(
  payload: Uint8Array | PayloadSource,
  target: Uint8Array,
  start: number,
  count: number,
  position: number,
): number {
  if (!(payload instanceof Uint8Array)) return payload.read(target, start, start + count, position);
  for (let at = 0; at < count; at++) target[start + at] = payload[position + at];
  return count;
}
