/**
 * A length-tracking view of a resizable buffer, as `Transport.write` wants it: the transport can shrink the buffer to
 * the bytes it sends and grow it back, which costs nothing, where `subarray` costs 4 slots.
 */
export function resizableBytes(size: number): Uint8Array {
  return new Uint8Array(new ArrayBuffer(size, { maxByteLength: size }));
}
