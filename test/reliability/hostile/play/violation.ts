/** The client did what it must not do whatever its server sends. */
export class Violation extends Error {}

/** @throws Violation unless it is as it should be. */
export function must(isSo: boolean, rule: () => string): asserts isSo {
  if (!isSo) throw new Violation(rule());
}
