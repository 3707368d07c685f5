// What a record of a session is, by its key.

/** Messages to the server: the packet identifier, and from this bit on the number of the queued message it was, or 0. */
export const ORIGIN_SHIFT = 16;
/** Numbers of queued messages are less than this. */
export const ORIGINS = 1 << 14;
/** A received QoS 2 packet identifier. */
export const RECEIVED = 0x4000_0000;
/** A message that waits in a `Queue`. */
export const QUEUED = 0x8000_0000;
/** How far packet identifiers have been used, and the version of the protocol. */
export const STATE = 0xc000_0000;

const KINDS = 0xc000_0000;

/** Which of the kinds above it is; 0 for messages to the server. */
export function kindOf(key: number): number {
  return (key & KINDS) >>> 0;
}
