/** Numbers in the order in which they came first. */
export function firsts(numbers: readonly number[]): number[] {
  return [...new Set(numbers)];
}

/** The lowest first. */
export function ascending(numbers: readonly number[]): number[] {
  return [...numbers].sort((left, right) => left - right);
}

/** How often `number` is among them. */
export function count(numbers: readonly number[], number: number): number {
  return numbers.filter((each) => each === number).length;
}
