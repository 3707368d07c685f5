/** Bytes that can become fewer and more again without allocating: the view follows its buffer, which is resized. */
export type ResizableBytes = Uint8Array<ArrayBuffer>;

/**
 * A length-tracking view of a resizable buffer, as `Transport.write` wants it: the transport can shrink the buffer to
 * the bytes it sends and grow it back, which costs nothing, where `subarray` costs 4 slots.
 */
export function resizableBytes(size: number): ResizableBytes {
  return new Uint8Array(new ArrayBuffer(size, { maxByteLength: size }));
}
