import type { Message } from "mqtt-xs";

/** Milliseconds: the bounds of what the command may ask for. */
export const MINIMUM_INTERVAL = 10;
export const MAXIMUM_INTERVAL = 3_600_000;

const MAXIMUM_DIGITS = 7;
const ZERO = 0x30;

/** The interval that a command asks for, in digits; 0 where it is not one, or out of bounds. Allocates nothing. */
export function parseInterval(message: Pick<Message, "bytes" | "start" | "end" | "total">): number {
  const { bytes, start, end, total } = message;
  if (total !== end - start || total > MAXIMUM_DIGITS) return 0;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at] - ZERO;
    if (digit < 0 || digit > 9) return 0;
    value = value * 10 + digit;
  }
  return value >= MINIMUM_INTERVAL && value <= MAXIMUM_INTERVAL ? value : 0;
}
