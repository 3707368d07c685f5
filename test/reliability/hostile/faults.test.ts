import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Random } from "../../support/faulty-transport/random.js";
import { loadTarget } from "./coverage/target.js";
import { FAULTS } from "./fuzzing/faults.js";
import { Fuzzer } from "./fuzzing/fuzzer.js";

/** Faults that take few scripts to find; `npm run fuzz -- --prove` looks for all. */
const QUICK = FAULTS.filter(({ isQuick }) => isQuick);
const SCRIPTS = 2_000;
const TURN = 50;

const { stackTraceLimit } = Error;

beforeAll(() => {
  Error.stackTraceLimit = 0;
});

afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit;
});

it.each(FAULTS)("$what: still has its place in the library", ({ file, text }) => {
  expect(readFileSync(file, "utf8").split(text)).toHaveLength(2);
});

describe("Fuzzing finds a fault put into a copy of the library", () => {
  it.each(QUICK)("$what", async (fault) => {
    const fuzzer = new Fuzzer(await loadTarget(fault), fault.version, new Random(1));
    while (fuzzer.failures.size === 0 && fuzzer.executions < SCRIPTS) fuzzer.run(TURN);
    expect(fuzzer.failures.size).toBeGreaterThan(0);
  });
});
