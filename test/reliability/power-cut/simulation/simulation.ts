import { WOULD_BLOCK } from "mqtt-xs";
import type { SessionStore } from "mqtt-xs/store";
import { ManualClock } from "../../../support/manual-clock.js";
import { Broker } from "./broker.js";
import { Device } from "./device.js";
import { Ledger, type Violation } from "./ledger.js";
import { Link } from "./link.js";
import type { Protocol } from "./packets.js";
import { type Ending, ENDINGS, Power, type StepKind } from "./power.js";
import { PoweredFlash } from "./powered-flash.js";
import { type Scenario, type ScenarioName, SCENARIOS } from "./scenario.js";
import { incoming, numberOf, outgoing, type Traffic } from "./traffic.js";

/** What is simulated. */
export interface SimulationOptions {
  readonly protocol: Protocol;
  /** After how many steps the power goes: since the beginning, then since each restart. Default: never. */
  readonly cuts?: readonly number[];
  /** How what is under way at a cut ends. Default: all that was written leaves, and no byte is torn. */
  readonly ending?: Ending;
  /** Default `usual`. */
  readonly scenario?: ScenarioName;
  /** Puts something between the session and its store, for tests of the simulation itself. */
  readonly disturb?: (store: SessionStore) => SessionStore;
  /** Gets a line for everything that happens. */
  readonly trace?: (line: string) => void;
}

/** How it went. */
export interface Outcome {
  readonly violations: readonly Violation[];
  readonly steps: Readonly<Record<StepKind, number>>;
  readonly totalSteps: number;
  /** How often the power went. */
  readonly cuts: number;
  /** Whether something that was written was on its way to the broker at a cut, so that how that ends matters. */
  readonly wasUnderWay: boolean;
  /** Torn records that the store has told of. */
  readonly reports: number;
  /** Messages that arrived, in both directions. */
  readonly messages: number;
  readonly erasures: number;
}

/** Turns in which everything must be at rest. */
const TURNS = 1_500;

/** Runs the scenario once. The same options give the same course, on every engine. */
export function simulate(options: SimulationOptions): Outcome {
  return new Simulation(options).run();
}

/** A device that loses its power, a broker that does not, and a network that breaks now and then. */
class Simulation {
  private readonly scenario: Scenario;
  private readonly power: Power;
  private readonly flash: PoweredFlash;
  private readonly broker: Broker;
  private readonly outgoing: Traffic;
  private readonly incoming: Traffic;
  private readonly toBroker: Ledger;
  private readonly toDevice: Ledger;
  /** What is wrong besides. */
  private readonly others: Violation[] = [];
  /** The numbers of the messages that were given these identifiers. */
  private readonly numbers = new Map<number, number>();
  private link: Link;
  private clock = new ManualClock();
  private device: Device | undefined;
  private lastOutgoing = 0;
  private lastIncoming = 0;
  private reports = 0;
  private wasUnderWay = false;

  constructor(private readonly options: SimulationOptions) {
    const { protocol, cuts = [], ending = ENDINGS[0], scenario = "usual" } = options;
    this.scenario = SCENARIOS[scenario];
    this.power = new Power(cuts, ending);
    this.flash = new PoweredFlash(this.power, this.scenario.sectors, this.scenario.sectorSize);
    this.link = new Link(this.power);
    this.outgoing = outgoing(this.scenario.outgoing);
    this.incoming = incoming(this.scenario.incoming);
    this.toBroker = new Ledger("to the broker", this.outgoing);
    this.toDevice = new Ledger("to the device", this.incoming);
    this.broker = new Broker(protocol, {
      arrived: (topic, qos, payload) => {
        this.trace(`the broker gets message ${numberOf(payload)}: QoS ${qos}, ${topic}`);
        this.toBroker.arrived(topic, qos, payload);
      },
      delivered: (number) => this.toDevice.sent(number, "delivered"),
      violated: (rule) => this.violate(`the device has broken the protocol: ${rule}`),
    });
  }

  run(): Outcome {
    this.boot();
    let turn = 0;
    for (; turn < TURNS && !this.isAtRest; turn++) {
      this.doTurn(turn);
      if (!this.power.isOn) this.restart();
    }
    if (turn === TURNS) this.violate(`not at rest: ${this.device?.waiting ?? "?"} messages under way`);
    else if ((this.device?.store.count ?? 0) > 1) this.violate(`${this.device?.store.count ?? 0} records stay behind`);
    if (this.reports > this.power.cutCount) this.violate(`${this.reports} reports of torn records after ${this.power.cutCount} cuts`);
    this.toBroker.close();
    this.toDevice.close();
    return this.outcome;
  }

  private get outcome(): Outcome {
    const { power, flash, reports, wasUnderWay, toBroker, toDevice } = this;
    return {
      violations: [...toBroker.violations, ...toDevice.violations, ...this.others],
      steps: power.steps,
      totalSteps: power.total,
      cuts: power.cutCount,
      wasUnderWay,
      reports,
      messages: toBroker.arrivedCount + toDevice.arrivedCount,
      erasures: flash.erasures,
    };
  }

  private get isAtRest(): boolean {
    const { scenario, device, link, broker } = this;
    const isSent = this.lastOutgoing === scenario.outgoing && this.lastIncoming === scenario.incoming;
    return isSent && broker.isIdle && link.toBroker.length === 0 && device?.waiting === 0 && device.client.connected;
  }

  // ---- what happens ----------------------------------------------------------------------------------------------

  private doTurn(turn: number): void {
    const { scenario, link, broker } = this;
    const isSettling = this.lastOutgoing === scenario.outgoing && this.lastIncoming === scenario.incoming;
    this.live(() => this.passTime(turn));
    for (let burst = scenario.publishes(turn); burst > 0 && this.power.isOn; burst--) this.live(() => this.publish());
    if (scenario.receives(turn) && this.lastIncoming < scenario.incoming) this.publishToDevice();
    const breaks = isSettling ? "not" : scenario.breaks(turn);
    if (link.state !== "open" || !this.power.isOn) return;
    if (breaks !== "losing both ways") broker.receive(link.toBroker.take());
    if (breaks !== "not") this.breakConnection(breaks);
    else this.live(() => link.deliver(broker.take(scenario.bytesToDevice(turn))));
  }

  private passTime(turn: number): void {
    const { clock, link, broker, scenario } = this;
    clock.advance(link.state === "closed" ? (clock.untilNext ?? 0) : 0);
    if (link.state !== "opening" || !scenario.accepts(turn)) return;
    broker.opened();
    link.accept();
  }

  /** The application publishes its next message, if there is room. While that is not certain it may or may not arrive. */
  private publish(): void {
    const number = this.lastOutgoing + 1;
    const message = this.outgoing.message(number);
    if (!message || !this.device) return;
    this.toBroker.sent(number, "uncertain");
    this.lastOutgoing = number;
    const identifier = this.device.publish(message);
    if (!this.power.isOn) return;
    if (identifier === WOULD_BLOCK) {
      this.lastOutgoing = number - 1;
      return;
    }
    this.trace(`the application publishes message ${number}, ${identifier > 0 ? `identifier ${identifier}` : "through the queue"}`);
    this.toBroker.sent(number, "accepted");
    if (identifier > 0) this.numbers.set(identifier, number);
  }

  private publishToDevice(): void {
    const message = this.incoming.message(++this.lastIncoming);
    if (!message) return;
    this.toDevice.sent(message.number, "accepted");
    this.broker.publish(message);
  }

  private breakConnection(how: string): void {
    this.trace(`the connection breaks, ${how}`);
    this.broker.closed();
    this.live(() => this.link.drop());
  }

  // ---- power -----------------------------------------------------------------------------------------------------

  private boot(): void {
    const { protocol, disturb } = this.options;
    const messages = this.scenario.queued;
    this.device = undefined;
    this.clock = new ManualClock();
    const listener = {
      received: (topic: string, qos: number, payload: Uint8Array): void => this.received(topic, qos, payload),
      delivered: (identifier: number): void => this.delivered(identifier),
      reported: (what: string): void => this.reported(what),
    };
    this.live(() => {
      this.device = new Device({ protocol, flash: this.flash, transport: this.link, clock: this.clock, listener, messages, disturb });
    });
  }

  /** The device has lost its power: the broker gets what still leaves, then notices, and the device boots. */
  private restart(): void {
    const { toBroker } = this.link;
    this.trace(`the power goes at step ${this.power.total}, with ${toBroker.length} bytes on their way to the broker`);
    this.wasUnderWay ||= toBroker.length > 0;
    if (this.link.state === "open") this.broker.receive(toBroker.take(Math.ceil(toBroker.length * this.power.ending.leaves)));
    this.broker.closed();
    this.power.restore();
    this.link = new Link(this.power);
    this.boot();
  }

  private hasPower(): boolean {
    return this.power.isOn;
  }

  /** Has the device do something. What it throws once it has no power is nobody's concern. */
  private live(action: () => void): void {
    if (!this.power.isOn) return;
    try {
      action();
    } catch (error) {
      if (this.hasPower()) this.violate(`the device throws ${String(error)}`);
    }
  }

  // ---- what the application is told --------------------------------------------------------------------------------

  private received(topic: string, qos: number, payload: Uint8Array): void {
    if (!this.power.isOn) return;
    this.trace(`the application gets message ${numberOf(payload)}: QoS ${qos}, ${topic}`);
    this.toDevice.arrived(topic, qos, payload);
  }

  private delivered(identifier: number): void {
    if (!this.power.isOn) return;
    this.trace(`the application hears that ${identifier} is delivered`);
    const number = this.numbers.get(identifier);
    if (number !== undefined) this.toBroker.sent(number, "delivered");
  }

  /** After a cut, one torn record may be found, and nothing else. */
  private reported(what: string): void {
    if (!this.power.isOn) return;
    this.trace(`the device reports: ${what}`);
    if (/torn/.test(what)) this.reports++;
    else this.violate(`the store reports: ${what}`);
  }

  private violate(what: string): void {
    this.trace(`VIOLATION: ${what}`);
    this.others.push({ fault: "other", what });
  }

  private trace(line: string): void {
    this.options.trace?.(line);
  }
}
