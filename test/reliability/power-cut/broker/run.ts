import { until } from "../../../../hosts/start/until.js";
import { MosquittoBroker } from "../../../support/mosquitto-broker.js";
import type { Host } from "../options.js";
import { Ledger, type Violation } from "../simulation/ledger.js";
import type { Protocol } from "../simulation/packets.js";
import { incoming, type Message, outgoing } from "../simulation/traffic.js";
import { type BrokerDevice, makeDevice } from "./devices.js";
import type { Report } from "./firmware.js";
import { repetitionsIn } from "./repetitions.js";
import { Witness } from "./witness.js";

/** What is to be run. */
export interface BrokerRunOptions {
  readonly host: Host;
  readonly protocol: Protocol;
  /** How often the device loses its power. */
  readonly kills: number;
  /** What the steps are chosen by at which it does. */
  readonly seed: number;
  /** The name of a fault that the device's store is to have, on Node only, for tests of the checks themselves. */
  readonly planted?: string;
  /** Milliseconds that it may take in the end until all is at rest. Default 60,000. */
  readonly patience?: number;
  readonly signal?: AbortSignal;
  /** Told how far it is, 0 to 1. */
  readonly onProgress?: (progress: number) => void;
}

/** How it went. */
export interface BrokerOutcome {
  readonly violations: readonly Violation[];
  readonly kills: number;
  /** Messages that arrived from the device, and at it. */
  readonly fromDevice: number;
  readonly toDevice: number;
  /** Torn records that the store has told of. */
  readonly torn: number;
  /** QoS 2 messages that mosquitto has sent the device again against the standard: see `repetitionsIn`. */
  readonly repetitions: number;
}

/** The most steps of a life: enough for a dozen messages. */
const MOST_STEPS = 900;
/** Milliseconds that a life may take: generous, the machine may be busy. */
const TIMEOUT = 60_000;
/** A message goes to the device for so many from it. */
const ANSWERED = 3;
const CONFIGURATION = ["max_inflight_messages 4", "max_queued_messages 0"];

/** Runs a device against mosquitto, whose process is killed again and again, and lets all come to rest. */
export async function runWithBroker(options: BrokerRunOptions): Promise<BrokerOutcome> {
  const device = await makeDevice(options.host, options.planted);
  try {
    const broker = await MosquittoBroker.start({ persistence: true, configuration: CONFIGURATION });
    try {
      return await new BrokerRun(options, device, broker).run();
    } finally {
      await broker.stop();
    }
  } finally {
    await device.remove();
  }
}

/** A message as the witness got it. */
interface Arrival {
  readonly topic: string;
  readonly qos: number;
  readonly payload: Uint8Array;
}

/** Mosquitto passes QoS 2 messages on with their PUBREL, so that one of QoS 1 may come before, as the standard allows (4.6). */
function laneOf({ topic, qos }: Message): string {
  return `${topic} ${qos}`;
}

/** Without as many messages that came twice as were sent twice. */
function excused(violations: readonly Violation[], repetitions: number): Violation[] {
  return violations.filter(({ fault }) => fault !== "duplicated" || --repetitions < 0);
}

class BrokerRun {
  private readonly outgoing = outgoing();
  private readonly incoming = incoming();
  private readonly fromDevice = new Ledger("to the broker", this.outgoing, laneOf);
  private readonly toDevice = new Ledger("to the device", this.incoming, laneOf);
  private readonly others: Violation[] = [];
  /** What the broker has taken over, in its order. */
  private readonly arrivals: Arrival[] = [];
  private answered = 0;
  /** How many messages the device has reported as under way last, in this life. */
  private waiting = NaN;
  private torn = 0;
  private witness: Witness | undefined;

  constructor(
    private readonly options: BrokerRunOptions,
    private readonly device: BrokerDevice,
    private readonly broker: MosquittoBroker,
  ) {}

  async run(): Promise<BrokerOutcome> {
    const { kills, onProgress, signal } = this.options;
    this.witness = await Witness.connect(this.broker.port, (topic, qos, payload) => this.arrived({ topic, qos, payload }));
    try {
      for (let kill = 0; kill < kills; kill++) {
        await this.liveFor(this.stepsOf(kill));
        signal?.throwIfAborted();
        onProgress?.(kill / kills);
        if (kill === kills >> 1) await this.broker.restart();
      }
      await this.comeToRest();
    } finally {
      await this.witness.end();
    }
    return this.outcome();
  }

  private outcome(): BrokerOutcome {
    const { fromDevice, toDevice, others, torn, options } = this;
    const repetitions = repetitionsIn(this.broker.log);
    fromDevice.close();
    toDevice.close();
    if (torn > options.kills) this.violate(`${torn} reports of torn records after ${options.kills} cuts`);
    return {
      violations: [...fromDevice.violations, ...excused(toDevice.violations, repetitions), ...others],
      kills: options.kills,
      fromDevice: fromDevice.arrivedCount,
      toDevice: toDevice.arrivedCount,
      torn,
      repetitions,
    };
  }

  /** Scattered evenly, by a multiplier that has no common divisor with their number. */
  private stepsOf(kill: number): number {
    return ((this.options.seed * 131 + kill) * 557) % MOST_STEPS;
  }

  private async liveFor(steps: number): Promise<void> {
    await this.live(this.fromDevice.last + 1, AbortSignal.timeout(TIMEOUT), steps);
  }

  /** The device gets power for good, and publishes nothing new. */
  private async comeToRest(): Promise<void> {
    const end = new AbortController();
    const life = this.live(0, end.signal);
    const isAtRest = (): boolean => {
      this.enterArrivals();
      return this.waiting === 0 && this.fromDevice.isComplete && this.toDevice.isComplete;
    };
    const { patience = TIMEOUT, signal } = this.options;
    await until(() => isAtRest() || signal?.aborted === true, patience);
    if (!isAtRest()) this.violate(`not at rest: the device says that ${this.waiting} messages are under way`);
    end.abort();
    await life;
    signal?.throwIfAborted();
  }

  private async live(first: number, signal: AbortSignal, steps?: number): Promise<void> {
    const { protocol } = this.options;
    const ended = AbortSignal.any(this.options.signal ? [signal, this.options.signal] : [signal]);
    const onReport = (name: Report, number: number): void => this.reported(name, number);
    this.waiting = NaN;
    await this.device.live({ port: this.broker.port, protocol, first, signal: ended, onReport, ...(steps !== undefined && { steps }) });
    this.enterArrivals();
    if (steps !== undefined && signal.aborted) this.violate(`the device did not come to step ${steps} of its life`);
  }

  private reported(name: Report, number: number): void {
    if (name === "attempt") this.fromDevice.sent(number, "uncertain");
    else if (name === "accepted") this.fromDevice.sent(number, "accepted");
    else if (name === "waiting") this.waiting = number;
    else if (name === "torn") this.torn++;
    else if (name === "failure") this.violate("the store has failed");
    else this.received(number);
  }

  private received(number: number): void {
    const message = this.incoming.message(number);
    if (message) this.toDevice.arrived(message.topic, message.qos, message.payload);
    else this.violate("the device got a message that nobody sent");
  }

  /** The device may have got further than its reports, so that these come first. Now and then there is something for it, too. */
  private arrived(arrival: Arrival): void {
    this.arrivals.push(arrival);
    const message = ++this.answered % ANSWERED === 0 ? this.incoming.message(this.answered / ANSWERED) : undefined;
    if (!message) return;
    this.toDevice.sent(message.number, "accepted");
    this.witness?.publish(message);
  }

  /** All that the device has reported of is known. */
  private enterArrivals(): void {
    for (const { topic, qos, payload } of this.arrivals.splice(0)) this.fromDevice.arrived(topic, qos, payload);
  }

  private violate(what: string): void {
    this.others.push({ fault: "other", what });
  }
}
