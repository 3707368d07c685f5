/** Round numbers for an axis: from 0 in equal steps to the first that is no less than `highest`, in at most `most` steps. */
export function ticks(highest: number, most: number): number[] {
  const magnitude = 10 ** Math.floor(Math.log10(highest / most));
  const step = [1, 2, 5, 10].map((factor) => factor * magnitude).find((each) => each * most >= highest) ?? highest;
  return Array.from({ length: Math.ceil(highest / step) + 1 }, (_, index) => index * step);
}
