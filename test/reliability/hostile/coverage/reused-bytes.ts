// In the place of the library's `session/resizable-bytes.ts`, since memory of this kind takes ten times as long to get and to
// give back as a script takes to be played.

type ResizableBytes = Uint8Array<ArrayBuffer>;

const free = new Map<number, ResizableBytes[]>();
const inUse: ResizableBytes[] = [];

/** As the library's, of memory that nobody uses any more. */
export function resizableBytes(size: number): ResizableBytes {
  const bytes = free.get(size)?.pop() ?? new Uint8Array(new ArrayBuffer(size, { maxByteLength: size }));
  inUse.push(bytes);
  return bytes.fill(0);
}

/** Nobody uses any of it any more. */
export function reuseBytes(): void {
  for (const bytes of inUse) {
    const same = free.get(bytes.length) ?? [];
    free.set(bytes.length, same);
    same.push(bytes);
  }
  inUse.length = 0;
}
