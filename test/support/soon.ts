import { vi } from "vitest";

/** Waits until `check` no longer throws, and returns what it returned. Generous: the machine may be busy. */
export function soon<T>(check: () => T): Promise<T> {
  return vi.waitFor(check, { interval: 5, timeout: 20_000 });
}
