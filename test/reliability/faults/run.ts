import { unlessAborted } from "../../../hosts/start/until.js";
import { type Broker, type BrokerName, startBroker } from "./brokers.js";
import { ForeignWitness } from "./foreign-witness.js";
import { OwnWitness } from "./own-witness.js";
import { type Outcome, Player } from "./player.js";
import { Restarter } from "./restarter.js";
import { type Schedule, scheduleOf } from "./schedule.js";
import { noTrace, type Trace } from "./trace.js";
import type { Witness } from "./witness.js";

/** Schedules that are played at the same time, and those of them that share the restarts of their broker. */
const TOGETHER = 30;

/** What is to be run. */
export interface Run {
  readonly broker: BrokerName;
  readonly seeds: readonly number[];
  readonly trace?: Trace | undefined;
  /** Ends the run at once. */
  readonly signal?: AbortSignal | undefined;
  /** Told of each schedule when it is over. */
  readonly onOutcome: (outcome: Outcome) => void;
}

/** Plays schedules against a broker of their own. @returns how often that was restarted. */
export async function run(settings: Run): Promise<number> {
  const { signal = new AbortController().signal } = settings;
  const broker = await startBroker(settings.broker);
  try {
    return await unlessAborted(signal, playAll(settings, broker));
  } catch (error) {
    if (signal.aborted) return 0;
    throw error;
  } finally {
    await broker.stop();
  }
}

async function playAll(settings: Run, broker: Broker): Promise<number> {
  const schedules = settings.seeds.map((seed) => scheduleOf(seed, settings.broker));
  await playInTurn(settings, broker, schedules.filter(({ restarts }) => restarts.length === 0));
  return await playTogether(settings, broker, schedules.filter(({ restarts }) => restarts.length > 0));
}

/** Always as many at the same time, each by itself. */
async function playInTurn(settings: Run, broker: Broker, schedules: readonly Schedule[]): Promise<void> {
  if (schedules.length === 0) return;
  const { signal, onOutcome, trace } = settings;
  const waiting = schedules.values();
  await withWitness(ForeignWitness, settings, broker, async (witness) => {
    const workers = Array.from({ length: Math.min(TOGETHER, schedules.length) }, async () => {
      for (const schedule of waiting) {
        if (signal?.aborted) return;
        onOutcome(await new Player(schedule, { broker, witness, trace }).play());
      }
    });
    await Promise.all(workers);
  });
}

/** Always as many begin together, since the broker is restarted under all of them. */
async function playTogether(settings: Run, broker: Broker, schedules: readonly Schedule[]): Promise<number> {
  let restarts = 0;
  if (schedules.length === 0) return restarts;
  await withWitness(OwnWitness, settings, broker, async (witness) => {
    for (let at = 0; at < schedules.length && !settings.signal?.aborted; at += TOGETHER)
      restarts += await playGroup(settings, broker, schedules.slice(at, at + TOGETHER), witness);
  });
  return restarts;
}

async function playGroup(settings: Run, broker: Broker, schedules: readonly Schedule[], witness: Witness): Promise<number> {
  const { onOutcome, trace } = settings;
  const restarter = new Restarter(broker, schedules);
  const outcomes = schedules.map((schedule) => {
    const onStep = (steps: number): void => restarter.advance(schedule, steps);
    return new Player(schedule, { broker, witness, onStep, trace }).play();
  });
  for (const outcome of await Promise.all(outcomes)) onOutcome(outcome);
  await restarter.finished;
  return restarter.count;
}

type WitnessKind = Pick<typeof OwnWitness, "connect">;

async function withWitness(
  kind: WitnessKind,
  { trace = noTrace }: Run,
  broker: Broker,
  play: (witness: Witness) => Promise<void>,
): Promise<void> {
  const witness = await kind.connect(broker, trace);
  try {
    await play(witness);
  } finally {
    await witness.end();
  }
}
