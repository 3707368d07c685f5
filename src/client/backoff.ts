/**
 * How long to wait before the next attempt: exponential backoff with full jitter, so that the clients of a server that
 * comes back do not all return at once.
 *
 * @param failures how many attempts have failed in a row, from 1.
 * @param period milliseconds: the longest wait after the first failure.
 * @param maximum milliseconds: the longest wait ever.
 * @param random uniform in [0, 1).
 */
export function backoff(failures: number, period: number, maximum: number, random: number): number {
  return random * Math.min(maximum, period * 2 ** (failures - 1));
}
