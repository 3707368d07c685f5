import type { Random } from "../../../support/faulty-transport/random.js";
import {
  BYTES,
  CONNECT,
  DROP,
  happens,
  KINDS,
  PUBLISH,
  ROOM,
  type Script,
  sends,
  type Step,
  SUBSCRIBE,
  TIME,
} from "../play/script.js";
import { mutateBytes } from "./byte-mutations.js";

/** The most steps of a script, and the most bytes that its server sends in one. */
const MOST_STEPS = 24;
const MOST_BYTES = 700;

/** What mutations draw from. */
export interface Material {
  readonly random: Random;
  readonly dictionary: readonly Uint8Array[];
  /** Scripts that were worth keeping. */
  readonly scripts: readonly Script[];
}

type Steps = readonly Step[];
type Mutation = (steps: Steps, material: Material) => Steps;

const bytes: Mutation = (steps, material) => {
  const { random } = material;
  const sending = steps.flatMap((step, at) => (step.kind === BYTES && step.bytes.length > 0 ? [at] : []));
  if (sending.length === 0) return add(steps, material);
  const at = random.pick(sending);
  return steps.with(at, sends(mutateBytes(steps[at].bytes, random, () => anyBytes(material)).slice(0, MOST_BYTES)));
};

/** Something else happens, most likely what the server sends. */
const add: Mutation = (steps, material) => {
  const { random, dictionary } = material;
  const common = [PUBLISH, PUBLISH, SUBSCRIBE, TIME, TIME, CONNECT, DROP, ROOM];
  const kind = random.chance(0.5) ? random.pick(common) : random.between(1, KINDS - 1);
  const step = random.chance(0.6) ? sends(random.pick(dictionary)) : happens(kind, random.between(0, 255));
  return steps.toSpliced(random.between(0, steps.length), 0, step);
};

const remove: Mutation = (steps, { random }) => {
  const count = 1 + random.spread(3);
  return steps.toSpliced(random.between(0, Math.max(0, steps.length - count)), count);
};

const repeat: Mutation = (steps, { random }) => {
  const start = random.between(0, Math.max(0, steps.length - 1));
  const stretch = steps.slice(start, start + 1 + random.spread(4));
  return steps.toSpliced(random.between(0, steps.length), 0, ...stretch);
};

const exchange: Mutation = (steps, { random }) => {
  if (steps.length < 2) return steps;
  const at = random.between(0, steps.length - 2);
  return steps.toSpliced(at, 2, steps[at + 1], steps[at]);
};

/** The beginning of one script, and the end of another. */
const splice: Mutation = (steps, { random, scripts }) => {
  const other = random.pick(scripts).steps;
  return [...steps.slice(0, random.between(0, steps.length)), ...other.slice(random.between(0, other.length))];
};

/** What came together comes in two, or the other way round. */
const cut: Mutation = (steps, { random }) => {
  const at = random.between(0, Math.max(0, steps.length - 1));
  const step = steps.at(at);
  if (step?.kind !== BYTES) return steps;
  const next = steps.at(at + 1);
  if (next?.kind === BYTES && random.chance(0.5))
    return steps.toSpliced(at, 2, sends(Uint8Array.from([...step.bytes, ...next.bytes]).slice(0, MOST_BYTES)));
  const place = random.between(0, step.bytes.length);
  return steps.toSpliced(at, 1, sends(step.bytes.slice(0, place)), sends(step.bytes.slice(place)));
};

const argument: Mutation = (steps, material) => {
  const { random } = material;
  const others = steps.flatMap(({ kind }, at) => (kind === BYTES ? [] : [at]));
  if (others.length === 0) return add(steps, material);
  const at = random.pick(others);
  return steps.with(
    at,
    happens(steps[at].kind, random.chance(0.5) ? random.between(0, 255) : steps[at].argument ^ (1 << random.between(0, 7))),
  );
};

const MUTATIONS: readonly Mutation[] = [
  bytes,
  bytes,
  bytes,
  bytes,
  bytes,
  bytes,
  add,
  add,
  remove,
  repeat,
  exchange,
  splice,
  cut,
  argument,
];

/** A script like this one, changed in one way or in several. */
export function mutate(script: Script, material: Material): Script {
  const { random } = material;
  let { setup, steps } = script;
  for (let turns = 1 + random.spread(7); turns > 0; turns--) steps = random.pick(MUTATIONS)(steps, material);
  if (random.chance(0.05)) setup ^= 1 << random.between(0, 5);
  return { setup, steps: steps.slice(0, MOST_STEPS) };
}

function anyBytes({ random, dictionary, scripts }: Material): Uint8Array {
  if (random.chance(0.5)) return random.pick(dictionary);
  const found = random.pick(scripts).steps.filter(({ kind }) => kind === BYTES);
  return found.length > 0 ? random.pick(found).bytes : random.pick(dictionary);
}
