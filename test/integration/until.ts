import { setTimeout as delay } from "node:timers/promises";

const TIMEOUT = 30_000;
const PERIOD = 5;

/** Waits until `condition` holds; fails, saying `what` was awaited, when it does not in time. */
export async function until(what: string, condition: () => boolean, timeout = TIMEOUT): Promise<void> {
  const deadline = performance.now() + timeout;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${timeout} ms: ${what}`);
    await delay(PERIOD);
  }
}

/** Lets `milliseconds` pass, for what must not happen meanwhile. */
export async function pass(milliseconds: number): Promise<void> {
  await delay(milliseconds);
}
