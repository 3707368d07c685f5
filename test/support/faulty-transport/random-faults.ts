import { type Blockade, type ConnectionFaults, type Ending, NO_FAULTS, type Opening, type Piece } from "./connection-faults.js";
import type { Random } from "./random.js";

/** How often, out of 100, an attempt to connect ends so. */
const OPENINGS: Readonly<Record<Opening, number>> = { succeeds: 84, refused: 8, "host not found": 6, unanswered: 2 };
/** How often, out of 100, a connection breaks so; the rest lasts. */
const BREAKS = { reset: 34, "half-close": 24, loss: 24, silence: 8, none: 10 } as const;
/** What a network does to what comes in. */
const MANNERS = { smooth: 30, delaying: 15, splitting: 20, stalling: 10, mixed: 25 } as const;

/** Bytes after which a connection breaks at the latest. */
const LONGEST = 8_000;

/** Draws what goes wrong on one connection. All delays are of milliseconds, so that thousands of connections take minutes. */
export function randomFaults(random: Random): ConnectionFaults {
  return {
    delay: random.chance(0.2) ? random.between(1, 10) : 0,
    opening: random.weighted(OPENINGS),
    nextPiece: randomPieces(random.fork(0)),
    blockades: random.chance(0.3) ? randomBlockades(random) : NO_FAULTS.blockades,
    ending: randomEnding(random),
  };
}

function randomPieces(random: Random): () => Piece {
  switch (random.weighted(MANNERS)) {
    case "smooth":
      return NO_FAULTS.nextPiece;
    case "delaying":
      return () => ({ size: Infinity, delay: random.between(0, 8) });
    case "splitting":
      return () => ({ size: random.between(1, 40), delay: 0 });
    case "stalling":
      return () => ({ size: Infinity, delay: random.chance(0.1) ? random.between(20, 80) : 0 });
    case "mixed":
      return () => ({
        size: random.chance(0.5) ? random.between(1, 100) : Infinity,
        delay: random.chance(0.3) ? random.between(1, 5) : 0,
      });
  }
}

function randomBlockades(random: Random): readonly Blockade[] {
  const begins = [random.spread(LONGEST), random.spread(LONGEST)].sort((left, right) => left - right);
  return begins.map((after) => ({ after, milliseconds: random.between(1, 30) }));
}

function randomEnding(random: Random): Ending | undefined {
  const how = random.weighted(BREAKS);
  const after = random.chance(0.5) ? random.spread(LONGEST) : random.between(0, LONGEST / 4);
  const milliseconds = how === "reset" ? 0 : random.between(0, 20);
  const side = random.pick(["received", "written"] as const);
  switch (how) {
    case "none":
      return undefined;
    case "half-close":
      return { how, side: "received", after, milliseconds };
    case "loss":
      return { how, side: "written", after, milliseconds };
    default:
      return { how, side, after, milliseconds };
  }
}
