import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { encodeScript, type Script } from "../play/script.js";
import type { VersionName } from "../play/version-name.js";
import { blocksIn } from "./features.js";
import type { Entry } from "./fuzzer.js";
import { readPlays, textOf } from "./script-text.js";

/** Bytes of scripts that are kept for each version. */
const MOST_BYTES = 30_000;
/** Where what runs on this machine have found is kept, for those that follow. */
const FOUND = "build/fuzz";

/** Where the scripts for a version are that fuzzing has found worth keeping. */
export function corpusFile(version: VersionName): URL {
  return new URL(`../corpus/${version}.txt`, import.meta.url);
}

/** The scripts that are kept for a version. */
export function readCorpus(version: VersionName): Script[] {
  const file = corpusFile(version);
  return existsSync(file) ? readPlays(file).map(({ script }) => script) : [];
}

/** What earlier runs on this machine have found. */
export function readFound(version: VersionName): Script[] {
  const file = `${FOUND}/corpus-${version}.txt`;
  return existsSync(file) ? readPlays(file).map(({ script }) => script) : [];
}

/** Writes down what this run has found, for those that follow. */
export function writeFound(version: VersionName, scripts: readonly Script[]): void {
  mkdirSync(FOUND, { recursive: true });
  writeFileSync(`${FOUND}/corpus-${version}.txt`, scripts.map((script) => `${textOf({ version, script })}\n`).join(""));
}

/** Keeps these scripts instead. */
export function writeCorpus(version: VersionName, scripts: readonly Script[]): void {
  const lines = scripts.map((script) => textOf({ version, script }));
  writeFileSync(
    corpusFile(version),
    [`# ${scripts.length} scripts; see ../play/script.ts. Written by: npm run fuzz -- --update-corpus`, ...lines, ""].join("\n"),
  );
}

/**
 * As few and as short scripts as reach what all of them do: first every block, then every count of one and every state, as
 * long as there is room.
 */
export function minimised(entries: readonly Entry[], mostBytes = MOST_BYTES): Script[] {
  const bySize = entries
    .map((entry) => ({ ...entry, size: encodeScript(entry.script).length }))
    .sort((left, right) => left.size - right.size);
  const kept = new Set<Entry>();
  const reached = new Set<number>();
  let size = 0;
  for (const featuresOf of [blocks, ({ features }: Entry) => [...features]])
    for (const entry of bySize) {
      const found = featuresOf(entry);
      if (kept.has(entry) || size + entry.size > mostBytes || !found.some((feature) => !reached.has(feature))) continue;
      kept.add(entry);
      size += entry.size;
      for (const feature of [...found, ...blocks(entry)]) reached.add(feature);
    }
  return [...kept].map(({ script }) => script);
}

/** Negative, so as not to be taken for other features. */
function blocks({ features }: Entry): number[] {
  return [...blocksIn(features)].map((block) => -1 - block);
}
