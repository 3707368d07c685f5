/** With separators between thousands: `12,345`. */
export function grouped(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 3 });
}

/** "1 slot", "2 slots". */
export function counted(value: number, noun: string): string {
  return `${grouped(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** Kilobytes where that is exact, bytes otherwise. */
export function memorySize(bytes: number): string {
  return bytes % 1024 === 0 ? `${grouped(bytes / 1024)} kB` : `${grouped(bytes)} bytes`;
}

/** Milliseconds, from a clock that counts whole ones on most hosts. */
export function duration(milliseconds: number): string {
  return milliseconds < 1 ? "<1 ms" : `${grouped(Math.round(milliseconds))} ms`;
}
