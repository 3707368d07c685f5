/** Rounds of each measurement. */
const ROUNDS = 5;

/** One way to do something, and the other: times per second, the median of some rounds that take turns. */
export interface Comparison {
  readonly ours: number;
  readonly theirs: number;
}

/** Something that is done `count` times. */
export interface Contender {
  readonly count: number;
  readonly run: () => void | Promise<void>;
}

/** Lets two contenders take turns, after one round to warm up. */
export async function compare(ours: Contender, theirs: Contender): Promise<Comparison> {
  const rates: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] };
  for (let round = 0; round <= ROUNDS; round++) {
    const [our, their] = [await rateOf(ours), await rateOf(theirs)];
    if (round === 0) continue;
    rates.ours.push(our);
    rates.theirs.push(their);
  }
  return { ours: median(rates.ours), theirs: median(rates.theirs) };
}

async function rateOf({ count, run }: Contender): Promise<number> {
  const start = performance.now();
  await run();
  return (count * 1_000) / (performance.now() - start);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
