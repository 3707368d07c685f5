const BARS = "▁▂▃▄▅▆▇█";

/**
 * The latest `width` values as bars, from the lowest to the highest of them.
 * @param leastSpan what the whole height stands for at least, so that what hardly changes looks flat.
 */
export function sparkline(values: readonly number[], width: number, leastSpan = 0): string {
  const shown = width > 0 ? values.slice(-width) : [];
  const lowest = Math.min(...shown);
  const span = Math.max(Math.max(...shown) - lowest, leastSpan);
  return shown.map((value) => bar(span > 0 ? (value - lowest) / span : 0)).join("");
}

/** How much of `width` is done, in halves of a character. */
export function progressBar(fraction: number, width: number): string {
  const halves = Math.floor(Math.min(1, Math.max(0, fraction)) * width * 2);
  return ("━".repeat(halves >> 1) + (halves % 2 === 1 ? "╸" : "")).padEnd(width);
}

function bar(fraction: number): string {
  return BARS.charAt(Math.min(BARS.length - 1, Math.floor(fraction * BARS.length)));
}
