import { writeFileSync } from "node:fs";
import { Failure } from "../../../../hosts/start/failure.js";
import { counted, grouped } from "../../../../hosts/start/format.js";
import { plainTable } from "../../../size/table.js";
import { Random } from "../../../support/faulty-transport/random.js";
import { loadTarget, type Target } from "../coverage/target.js";
import { minimised, readCorpus, readFound, writeCorpus, writeFound } from "../fuzzing/corpus.js";
import { blocksIn } from "../fuzzing/features.js";
import { type Failure as Find, Fuzzer, kindOf } from "../fuzzing/fuzzer.js";
import { textOf } from "../fuzzing/script-text.js";
import { shrink } from "../fuzzing/shrink.js";
import type { FuzzOptions } from "../options.js";

/** Scripts of one version before it is the next one's turn. */
const TURN = 200;
/** Milliseconds after which finds are written down while others are looked for. */
const SAVE_EVERY = 60_000;
const FOLDER = "build/fuzz";
const HEAD = ["", "scripts", "a second", "kept", "blocks", "states and counts", "most work", "most growth"] as const;

const { stdout } = process;

/** Fuzzes for a while, and tells what came of it. @throws Failure when the client did what it must not. */
export async function fuzz(
  { versions, minutes, seed, updateCorpus, unreached }: FuzzOptions,
  signal: AbortSignal,
): Promise<void> {
  const target = await loadTarget();
  const fuzzers = versions.map(
    (version) => new Fuzzer(target, version, new Random(seed), [...readCorpus(version), ...readFound(version)]),
  );
  const seconds = await run(fuzzers, minutes * 60_000, signal);
  stdout.write(
    `${plainTable([HEAD, ...fuzzers.map((fuzzer) => row(fuzzer, seconds))])}\n\n`,
  );
  stdout.write(`${reached(target, fuzzers)}\n${MEASURES}\n`);
  if (unreached) stdout.write(`\nNothing has reached:\n${placesUnreached(target, fuzzers)}\n`);
  for (const fuzzer of fuzzers) save(fuzzer, updateCorpus);
  const finds = fuzzers.flatMap(({ failures }) => [...failures.values()]);
  for (const find of finds) stdout.write(`\n${describe(target, find)}\n`);
  if (finds.length > 0) throw new Failure(`${counted(finds.length, "way")} to have the client do what it must not`);
}

/** @returns how many seconds each fuzzer had. */
async function run(fuzzers: readonly Fuzzer[], milliseconds: number, signal: AbortSignal): Promise<number> {
  const begin = performance.now();
  let saved = begin;
  while (performance.now() - begin < milliseconds && !signal.aborted) {
    for (const fuzzer of fuzzers) fuzzer.run(TURN);
    showProgress(fuzzers, (performance.now() - begin) / milliseconds);
    if (performance.now() - saved > SAVE_EVERY) {
      fuzzers.forEach((fuzzer) => save(fuzzer, false));
      saved = performance.now();
    }
    await new Promise(setImmediate); // for Ctrl-C
  }
  if (stdout.isTTY) stdout.write("\r\x1b[K");
  return (performance.now() - begin) / 1_000 / fuzzers.length;
}

function showProgress(fuzzers: readonly Fuzzer[], share: number): void {
  if (!stdout.isTTY) return;
  const parts = fuzzers.map(
    ({ version, executions, corpus, failures }) =>
      `${version}: ${grouped(executions)} scripts, ${corpus.length} kept, ${failures.size} finds`,
  );
  stdout.write(`\r${Math.floor(share * 100)} %  ${parts.join("  ")}\x1b[K`);
}

function row({ version, executions, corpus, features, mostWork, growth }: Fuzzer, seconds: number): (string | number)[] {
  const rate = seconds > 1 ? Math.round(executions / seconds) : "–";
  return [version, executions, rate, corpus.length, blocksIn(features).size, features.size, mostWork, growth];
}

function reached({ blocks }: Target, fuzzers: readonly Fuzzer[]): string {
  const all = blocksIn(fuzzers.flatMap(({ features }) => [...features]));
  return `Together they reach ${all.size} of the ${grouped(blocks.length)} blocks of the library that are there to be reached.`;
}

/** What the last two columns are. */
const MEASURES = `Most work: blocks that one call for what has come in took.
Most growth: bytes that came to hang on a client besides those it was made with.`;

function placesUnreached({ blocks }: Target, fuzzers: readonly Fuzzer[]): string {
  const all = blocksIn(fuzzers.flatMap(({ features }) => [...features]));
  const places = blocks.flatMap(({ file, line }, block) => (all.has(block) ? [] : [`  ${file}:${line}`]));
  return [...new Set(places)].join("\n");
}

/** Writes down what is worth keeping: for a while, or for good. */
function save({ version, corpus }: Fuzzer, forGood: boolean): void {
  writeFound(version, minimised(corpus, Infinity));
  if (forGood) writeCorpus(version, minimised(corpus));
}

/** The find, as short as it can be, in a file of its own. */
function describe({ play }: Target, { version, script, violation }: Find): string {
  const kind = kindOf(violation);
  const shortest = shrink(script, (shorter) => kindOf(play.examine(version, shorter, play.WAYS).violation ?? "") === kind);
  const line = textOf({ version, script: shortest });
  const file = `${FOLDER}/found-${version}-${kind.replace(/\W+/g, "-").slice(0, 40)}.txt`;
  writeFileSync(file, `${line}\n`);
  return `${violation.split("\n").at(0) ?? ""}\n  npm run fuzz -- --replay ${line.length < 200 ? `"${line}"` : file}`;
}
