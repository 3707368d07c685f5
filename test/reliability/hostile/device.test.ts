import { describe, expect, it } from "vitest";
import { playOnDevice } from "./device.js";
import { readCorpus } from "./fuzzing/corpus.js";
import { textOf } from "./fuzzing/script-text.js";

/** Units of the engine's meter that one call for what has come in may take, besides 400 for each byte of that. */
const UNITS = 40_000;
/** Slots of stack that the client may take below its caller; an ESP32 has 384 in all. */
const STACK = 300;
/** One in so many scripts of the corpus is played: all of them are, on Node. */
const SHARE = 3;

describe.each(["3", "5"] as const)("The client of %s on the engine of the device, whatever its server sends", (version) => {
  it("works for a limited time per byte, in a heap of 64 kB, and does not grow", async () => {
    const scripts = readCorpus(version).filter((_script, index) => index % SHARE === 0);
    const { reason, errors, played } = await playOnDevice(version, scripts);
    expect({ reason, errors }).toEqual({ reason: "finished", errors: "" });
    const wrong = played.flatMap(({ units, stack, growth, isBroken }, index) => {
      const isFine = units <= UNITS && stack <= STACK && growth === 0 && !isBroken;
      return isFine ? [] : [{ units, stack, growth, isBroken, script: textOf({ version, script: scripts[index] }) }];
    });
    expect(wrong).toEqual([]);
    expect(played.length).toBe(scripts.length);
  });
});
