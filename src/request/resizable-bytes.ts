/** Bytes that can become fewer and more again without allocating: the view follows its buffer, which is resized. */
export type ResizableBytes = Uint8Array<ArrayBuffer>;

/** @param size the most bytes. */
export function resizableBytes(size: number): ResizableBytes {
  return new Uint8Array(new ArrayBuffer(size, { maxByteLength: size }));
}
