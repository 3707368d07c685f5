import { describe, expect, it } from "vitest";
import { playOnDevice } from "./device.js";
import { readCorpus } from "./fuzzing/corpus.js";
import { textOf } from "./fuzzing/script-text.js";
import { REACT } from "./play/script.js";

/** Units of the engine's meter that one call for what has come in may take, besides 400 for each byte of that. */
const UNITS = 30_000;
/**
 * Slots of stack that the client may take below its caller, where the application calls nothing from callbacks; our app for
 * ESP32 has 384.
 */
const STACK = 230;

describe.each(["3", "5"] as const)("The client of %s on the engine of the device, whatever its server sends", (version) => {
  it("works for a limited time per byte, in a heap of 64 kB, and does not grow", async () => {
    const scripts = readCorpus(version);
    const { reason, errors, played } = await playOnDevice(version, scripts);
    expect({ reason, errors }).toEqual({ reason: "finished", errors: "" });
    const wrong = played.flatMap(({ units, stack, growth, isBroken }, index) => {
      const isShallow = stack <= STACK || scripts[index].steps.some(({ kind }) => kind === REACT);
      const isFine = units <= UNITS && isShallow && growth === 0 && !isBroken;
      return isFine ? [] : [{ units, stack, growth, isBroken, script: textOf({ version, script: scripts[index] }) }];
    });
    expect(wrong).toEqual([]);
    expect(played.length).toBe(scripts.length);
  });
});
