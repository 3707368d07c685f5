/**
 * How much memory hangs on a client, in bytes of its buffers and texts and members of its lists and objects; without its
 * transport and what is the test's own. What is behind `#` cannot be seen: options and AUTH packets.
 */
export function reachable(client: object): number {
  const seen = new Set<unknown>();
  const outside = ["stream", "timer"].map((name): unknown => Reflect.get(client, name));
  outside.forEach((each) => seen.add(each));
  return sizeOf(client, seen);
}

function sizeOf(value: unknown, seen: Set<unknown>): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null || seen.has(value)) return 0;
  seen.add(value);
  if (ArrayBuffer.isView(value)) return sizeOf(value.buffer, seen);
  if (value instanceof ArrayBuffer) return value.maxByteLength;
  if (value instanceof Map || value instanceof Set)
    return [...value].reduce<number>((sum, each) => sum + 1 + sizeOf(each, seen), 0);
  return Object.values(value).reduce<number>((sum, each) => sum + 1 + sizeOf(each, seen), 0);
}
