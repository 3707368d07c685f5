/** Bytes that can become fewer and more again without allocating: the view follows its buffer, which is resized. */
export type ResizableBytes = Uint8Array<ArrayBuffer>;

/** @param size the most bytes. */
export function resizableBytes(size: number): ResizableBytes {
  return new Uint8Array(new ArrayBuffer(size, { maxByteLength: size }));
}

/** Makes `target` the bytes of `source` from `start` to `end`. Allocates nothing. @returns false when there is no room. */
export function copy(target: ResizableBytes, source: Uint8Array, start: number, end: number): boolean {
  const buffer = target.buffer;
  if (end - start > buffer.maxByteLength) return false;
  buffer.resize(end - start);
  // No native copy from amid a buffer goes without a `subarray`.
  for (let at = 0; start < end; at++) target[at] = source[start++];
  return true;
}
