import { vi } from "vitest";

/** Waits until `check` no longer throws, and returns what it returned. Generous: the machine may be busy. */
export function soon<T>(check: () => T): Promise<T> {
  return vi.waitFor(check, { interval: 5, timeout: 20_000 });
}

/** What `value` returns when it has returned the same for a while. */
export async function settled(value: () => number): Promise<number> {
  for (let last = value(); ; ) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    if (value() === last) return last;
    last = value();
  }
}
