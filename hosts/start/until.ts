const STEP = 10;

/** Waits until `condition` holds, for at most `timeout` milliseconds. */
export async function until(condition: () => boolean, timeout: number): Promise<void> {
  const deadline = performance.now() + timeout;
  while (!condition() && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, STEP));
}

/** What `promise` gives, or a rejection with the signal's reason when that is aborted first. */
export function unlessAborted<Value>(signal: AbortSignal, promise: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
    };
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject);
  });
}
