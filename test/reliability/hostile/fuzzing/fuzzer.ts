import type { Random } from "../../../support/faulty-transport/random.js";
import type { Target } from "../coverage/target.js";
import type { Examination } from "../play/examine.js";
import { encodeScript, happens, PUBLISH, type Script, sends, SUBSCRIBE, TIME } from "../play/script.js";
import { CLEAN, KEEPALIVE, ONCE, PLAIN, PREPARED, ROOMY } from "../play/stage.js";
import type { VersionName } from "../play/version-name.js";
import { DICTIONARIES } from "./dictionary.js";
import { type Features, takeFeatures } from "./features.js";
import { mutate } from "./mutate.js";

/** A script that did something that none before it did. */
export interface Entry {
  readonly script: Script;
  readonly features: Features;
}

/** A script that has the client do what it must not. */
export interface Failure {
  readonly version: VersionName;
  readonly script: Script;
  readonly violation: string;
}

const SETUPS = [
  PREPARED,
  PREPARED | ROOMY,
  0,
  PREPARED | KEEPALIVE,
  CLEAN,
  PREPARED | PLAIN | ONCE,
  PLAIN | CLEAN,
  KEEPALIVE | ROOMY,
];

/** Looks for scripts that reach what none has reached before, and for those that have the client do what it must not. */
export class Fuzzer {
  readonly version: VersionName;
  /** Scripts worth keeping, the latest last. */
  readonly corpus: Entry[] = [];
  /** All that was reached. */
  readonly features = new Set<number>();
  /** By what is wrong, the shortest script. */
  readonly failures = new Map<string, Failure>();
  executions = 0;
  /** The most that was measured of `Examination`. */
  growth = 0;
  mostWork = 0;
  readonly #target: Target;
  readonly #random: Random;
  readonly #scripts: Script[] = [];

  /** @param known scripts to begin with, besides those that each have one entry of the dictionary. */
  constructor(target: Target, version: VersionName, random: Random, known: readonly Script[] = []) {
    this.#target = target;
    this.version = version;
    this.#random = random;
    for (const script of known) this.try(script);
    for (const script of seeds(version)) this.try(script);
  }

  /** Examines this many new scripts. */
  run(executions: number): void {
    const random = this.#random;
    const dictionary = DICTIONARIES[this.version];
    for (let turn = 0; turn < executions; turn++) {
      const last = this.#scripts.length - 1;
      // One of the latest every other time: what is new leads to more that is.
      const at = random.chance(0.5) ? random.between(0, last) : last - random.spread(last);
      this.try(mutate(this.#scripts[at], { random, dictionary, scripts: this.#scripts }));
    }
  }

  /** Examines one script, and keeps it if it is worth it. */
  try(script: Script): Examination {
    this.executions++;
    const examination = this.#target.play.examine(this.version, script);
    this.growth = Math.max(this.growth, examination.growth);
    this.mostWork = Math.max(this.mostWork, examination.mostWork);
    const features = takeFeatures(this.#target, examination);
    if (examination.violation !== undefined) this.#fail(script, examination.violation);
    else if (features.some((feature) => !this.features.has(feature))) {
      for (const feature of features) this.features.add(feature);
      this.corpus.push({ script, features });
      this.#scripts.push(script);
    }
    return examination;
  }

  #fail(script: Script, violation: string): void {
    const what = kindOf(violation);
    const known = this.failures.get(what);
    if (known && encodeScript(known.script).length <= encodeScript(script).length) return;
    this.failures.set(what, { version: this.version, script, violation });
  }
}

/** What violations have in common that differ only in numbers and bytes. */
export function kindOf(violation: string): string {
  return (violation.split("\n").at(0) ?? "").replace(/[:,].*/, "").replace(/\d+/g, "n");
}

function* seeds(version: VersionName): Generator<Script> {
  const dictionary = DICTIONARIES[version];
  for (const [at, bytes] of dictionary.entries())
    for (const setup of [SETUPS[0], SETUPS[at % SETUPS.length]]) yield { setup, steps: [sends(bytes)] };
  for (const setup of SETUPS)
    yield {
      setup,
      steps: [sends(dictionary[0]), happens(PUBLISH, 1), happens(PUBLISH, 0x16), happens(SUBSCRIBE, 0x25), happens(TIME, 6)],
    };
}
