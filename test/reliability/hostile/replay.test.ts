import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Random } from "../../support/faulty-transport/random.js";
import { loadTarget, type Target } from "./coverage/target.js";
import { readCorpus } from "./fuzzing/corpus.js";
import { blocksIn } from "./fuzzing/features.js";
import { Fuzzer } from "./fuzzing/fuzzer.js";
import { textOf } from "./fuzzing/script-text.js";
import { VERSION_NAMES, type VersionName } from "./play/version-name.js";

/** New scripts for each version: as many as take some seconds. `npm run fuzz` goes on for as long as it is told to. */
const SCRIPTS = 1_500;
/** Blocks that the corpus reaches, in hundreds: fewer, and the library has changed so much that it needs `--update-corpus`. */
const BLOCKS: Readonly<Record<VersionName, number>> = { "3": 500, "5": 900, websocket: 600 };

const { stackTraceLimit } = Error;
let target: Target;

beforeAll(async () => {
  Error.stackTraceLimit = 0; // errors are many here, and a stack takes longer than all else
  target = await loadTarget();
});

afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit;
});

describe.each(VERSION_NAMES)("The client of %s, whatever its server sends", (version) => {
  it("does nothing that it must not in what fuzzing has found worth keeping, however that is split", () => {
    const { play } = target;
    const wrong = readCorpus(version).flatMap((script) => {
      const { violation } = play.examine(version, script, play.WAYS);
      return violation === undefined ? [] : [`${violation}: npm run fuzz -- --replay "${textOf({ version, script })}"`];
    });
    play.counts.fill(0);
    expect(wrong).toEqual([]);
  });

  it("nor in scripts that are like those", () => {
    const fuzzer = new Fuzzer(target, version, new Random(1), readCorpus(version));
    expect(blocksIn(fuzzer.features).size).toBeGreaterThanOrEqual(BLOCKS[version]);
    fuzzer.run(SCRIPTS);
    const wrong = [...fuzzer.failures.values()].map((find) => `${find.violation}: npm run fuzz -- --replay "${textOf(find)}"`);
    expect(wrong).toEqual([]);
  });
});
