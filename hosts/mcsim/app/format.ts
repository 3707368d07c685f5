/** A whole number in at most five characters: 12345, 123k, 12.3M. */
export function count(value: number): string {
  if (value < 100_000) return `${value}`;
  if (value < 1_000_000) return `${Math.floor(value / 1_000)}k`;
  return `${(Math.floor(value / 100_000) / 10).toFixed(1)}M`;
}

/** Bytes in thousands, without their unit. */
export function kilobytes(bytes: number): string {
  return `${(bytes / 1_000).toFixed(bytes < 100_000 ? 1 : 0)}k`;
}

/** A duration in at most six characters: 12 ms, 1.2 s, 61 s. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1_000;
  return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
}

/** The beginning of a text of any length, on one line. */
export function oneLine(text: string, length: number): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > length ? `${line.slice(0, length - 3)}...` : line;
}
