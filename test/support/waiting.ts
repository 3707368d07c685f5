import { setTimeout as delay } from "node:timers/promises";
import { vi } from "vitest";

/** Generous: the machine may be busy. */
const TIMEOUT = 20_000;
const PERIOD = 5;

/** Waits until `condition` holds; fails, saying `what` was awaited, when it does not in time. */
export async function until(what: string, condition: () => boolean, timeout = TIMEOUT): Promise<void> {
  const deadline = performance.now() + timeout;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${timeout} ms: ${what}`);
    await delay(PERIOD);
  }
}

/** Waits until `check` no longer throws, and returns what it returned; fails as it does, when it still does in the end. */
export function soon<T>(check: () => T): Promise<T> {
  return vi.waitFor(check, { interval: PERIOD, timeout: TIMEOUT });
}

/** What `value` returns when it has returned the same for a while. */
export async function settled(value: () => number): Promise<number> {
  for (let last = value(); ; ) {
    await pass(300);
    if (value() === last) return last;
    last = value();
  }
}

/** Lets `milliseconds` pass, for what must not happen meanwhile. */
export async function pass(milliseconds: number): Promise<void> {
  await delay(milliseconds);
}
