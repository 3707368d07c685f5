import type { Examination } from "../play/examine.js";
import type { Target } from "../coverage/target.js";

/** Counts are told apart as 1, 2, 3, 4 to 7, 8 to 15, 16 to 31, 32 to 127 and more. */
const CLASSES = 7;

/** From here on features are states of the session, below they are blocks and how often they are reached. */
const STATES = 2 ** 31;

/** What a script does with the library: which blocks it reaches how often, and in which states the session was. */
export type Features = Uint32Array;

/** Takes the features of what has just been examined, and begins anew. */
export function takeFeatures({ play, blocks }: Target, { states }: Examination): Features {
  const { counts } = play;
  const found: number[] = [];
  for (let block = 0; block < blocks.length; block++) if (counts[block] > 0) found.push(block * CLASSES + classOf(counts[block]));
  counts.fill(0);
  for (const state of new Set(states)) found.push(STATES + (state >>> 1));
  return Uint32Array.from(found);
}

/** How many different blocks there are in a set of features. */
export function blocksIn(features: Iterable<number>): Set<number> {
  const blocks = new Set<number>();
  for (const feature of features) if (feature < STATES) blocks.add(Math.floor(feature / CLASSES));
  return blocks;
}

function classOf(count: number): number {
  if (count < 4) return count - 1;
  if (count < 32) return 29 - Math.clz32(count) + 2;
  return count < 128 ? 5 : 6;
}
