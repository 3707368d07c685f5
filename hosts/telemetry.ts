import {
  Client,
  Topic,
  utf8,
  WOULD_BLOCK,
  type ClockTimer,
  type Message,
  type MqttError,
  type QoS,
  type Subscription,
} from "mqtt-xs";
import { parseInterval } from "./telemetry/interval.js";
import type { TelemetryObserver, TelemetryOptions } from "./telemetry/options.js";
import { Reading } from "./telemetry/reading.js";
import { ReadingFormat } from "./telemetry/reading-format.js";
import type { Sensors } from "./telemetry/sensors.js";
import { SimulatedSensors } from "./telemetry/simulated-sensors.js";

export type { TelemetryObserver, TelemetryOptions } from "./telemetry/options.js";
export { Reading } from "./telemetry/reading.js";
export { ReadingFormat } from "./telemetry/reading-format.js";
export type { Extra, Sensors } from "./telemetry/sensors.js";
export { SimulatedSensors } from "./telemetry/simulated-sensors.js";

const DEFAULT_INFLIGHT = 4;

/** Milliseconds that `stop` gives the broker to acknowledge what is on its way. */
const GRACE = 2_000;

/** The running firmware. */
export interface Telemetry {
  /**
   * Takes a reading now, whenever the next is due, which then follows an interval later.
   * @returns false when there is none: an earlier one still waits for room, or the end has come.
   */
  read(): boolean;
  /** Takes no more readings, waits a little for those on their way, and closes in order; `onFinished` follows. */
  stop(): void;
}

/**
 * Starts the firmware of a sensor: the same on every host. It reads its sensors at an interval and publishes them as
 * JSON to `<base>/reading`; says `online` in the retained `<base>/status`, and `offline` when it leaves, for which a
 * will stands in when it cannot; takes a new interval in milliseconds from `<base>/command/interval`; and hands on the
 * other commands that it is told to take.
 *
 * A reading that finds no room waits, and the next is taken one interval after it has gone: the broker sets the pace and
 * nothing is lost. Once connected, none of this allocates anything.
 */
export function telemetry(options: TelemetryOptions): Telemetry {
  return new Firmware(options);
}

class Firmware implements Telemetry {
  readonly #client: Client;
  readonly #clock: TelemetryOptions["clock"];
  readonly #observer: TelemetryObserver;
  readonly #tick: ClockTimer;
  readonly #grace: ClockTimer;
  readonly #sensors: Sensors;
  readonly #readings: readonly Reading[];
  readonly #readingTopic: Topic;
  readonly #statusTopic: Topic;
  readonly #online = utf8("online");
  readonly #offline = utf8("offline");
  readonly #qos: QoS;
  readonly #count: number;
  #interval: number;
  #sequence = 0;
  /** The latest of `#readings`, and whether it has yet to be published. */
  #latest = 0;
  #readingWaits = false;
  /** The status that has yet to be published, if any. */
  #status: Uint8Array | undefined;
  #isEnding = false;
  #saidOffline = false;
  #isClosing = false;

  constructor(options: TelemetryOptions) {
    const { base = "telemetry", qos = 1, interval = 1_000, count = Infinity, payloadSize = 0, ...rest } = options;
    const { observer = {}, commands = [], sensors: given, ...host } = rest;
    const sensors: Sensors = given ?? new SimulatedSensors();
    this.#clock = options.clock;
    this.#sensors = sensors;
    this.#observer = observer;
    this.#qos = qos;
    this.#count = count;
    this.#interval = interval;
    this.#readings = makeReadings(new ReadingFormat(sensors.extras ?? []), options.inflight ?? DEFAULT_INFLIGHT, payloadSize);
    this.#readingTopic = new Topic(`${base}/reading`);
    this.#statusTopic = new Topic(`${base}/status`);
    this.#tick = options.clock.createTimer(() => this.#read());
    this.#grace = options.clock.createTimer(() => this.#close());
    this.#client = new Client({
      inflight: DEFAULT_INFLIGHT,
      ...host,
      clean: false,
      subscriptions: 1 + commands.length,
      will: { topic: this.#statusTopic, payload: this.#offline, qos: 1, retain: true },
      onConnect: (sessionPresent) => this.#onConnect(sessionPresent),
      onDisconnect: (error) => this.#onDisconnect(error),
      onDelivered: (identifier) => this.#onDelivered(identifier),
      onWritable: () => this.#publish(),
    });
    this.#client.subscribe([
      { filter: `${base}/command/interval`, qos: 1, handler: (message) => this.#onIntervalCommand(message) },
      ...commands.map((name) => command(`${base}/command/`, name, observer)),
    ]);
    this.#client.connect();
  }

  read(): boolean {
    if (this.#readingWaits || this.#isEnding) return false;
    this.#tick.cancel();
    this.#read();
    return true;
  }

  stop(): void {
    if (!this.#client.connected) {
      this.#close();
      return;
    }
    this.#isEnding = true;
    this.#tick.cancel();
    this.#grace.schedule(GRACE);
    this.#publish();
  }

  #onConnect(sessionPresent: boolean): void {
    this.#observer.onConnect?.(sessionPresent);
    if (!this.#isEnding) this.#status = this.#online;
    this.#publish();
    if (this.#sequence === 0) this.#read();
  }

  #onDisconnect(error: MqttError | undefined): void {
    if (this.#isClosing) this.#observer.onFinished?.();
    else this.#observer.onDisconnect?.(error);
  }

  #onDelivered(identifier: number): void {
    for (let index = 0; index < this.#readings.length; index++) {
      const reading = this.#readings[index];
      if (reading.identifier === identifier) this.#acknowledged(reading);
    }
    this.#publish();
  }

  #acknowledged(reading: Reading): void {
    reading.identifier = 0;
    this.#observer.onDelivered?.(reading.sequence, elapsed(reading.publishedAt, this.#clock.now()));
  }

  #onIntervalCommand(message: Message): void {
    const interval = parseInterval(message);
    if (interval === 0) return;
    this.#interval = interval;
    this.#observer.onInterval?.(interval);
    if (!this.#readingWaits && !this.#isEnding) this.#tick.schedule(interval);
  }

  /** Takes a reading. */
  #read(): void {
    this.#sensors.sample(++this.#sequence);
    this.#latest = this.#nextFree();
    this.#readings[this.#latest].compose(this.#sequence, this.#sensors);
    this.#readingWaits = true;
    this.#observer.onReading?.(this.#sequence, this.#sensors.temperature, this.#sensors.humidity, this.#sensors.battery);
    this.#publish();
  }

  /** There is one more reading than can be in flight. In turn, as the latest may still be going out in pieces. */
  #nextFree(): number {
    let index = this.#latest;
    do index = (index + 1) % this.#readings.length;
    while (this.#readings[index].identifier > 0);
    return index;
  }

  /** Publishes what waits, as far as there is room; called again whenever there may be more. */
  #publish(): void {
    if (!this.#publishStatus() || !this.#publishReading()) return;
    if (this.#isEnding && this.#client.inflight === 0) this.#leave();
  }

  /** False when the status has to wait. */
  #publishStatus(): boolean {
    if (this.#status === undefined) return true;
    if (this.#client.publish(this.#statusTopic, this.#status, 1, true) === WOULD_BLOCK) return false;
    this.#status = undefined;
    return true;
  }

  /** False when the reading has to wait. */
  #publishReading(): boolean {
    if (!this.#readingWaits) return true;
    const reading = this.#readings[this.#latest];
    reading.publishedAt = this.#clock.now();
    const identifier = this.#client.publish(this.#readingTopic, reading, this.#qos);
    if (identifier === WOULD_BLOCK) return false;
    this.#readingWaits = false;
    this.#published(reading, identifier);
    return true;
  }

  #published(reading: Reading, identifier: number): void {
    reading.identifier = identifier;
    this.#observer.onPublished?.(reading.sequence);
    if (identifier === 0) this.#acknowledged(reading);
    if (reading.sequence >= this.#count) this.#isEnding = true;
    else if (!this.#isEnding) this.#tick.schedule(this.#interval);
  }

  /** All is acknowledged. The will dies with an orderly end, so its words are said first; their PUBACK comes last. */
  #leave(): void {
    if (this.#saidOffline) {
      this.#close();
      return;
    }
    this.#saidOffline = true;
    this.#status = this.#offline;
    this.#publishStatus();
  }

  #close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#isEnding = true;
    this.#tick.cancel();
    this.#grace.cancel();
    this.#client.close();
  }
}

function command(prefix: string, name: string, observer: TelemetryObserver): Subscription {
  return { filter: prefix + name, qos: 1, handler: (message) => observer.onCommand?.(name, message) };
}

function makeReadings(format: ReadingFormat, inflight: number, payloadSize: number): Reading[] {
  return Array.from({ length: inflight + 1 }, () => new Reading(format, payloadSize));
}

/** Milliseconds between two times of a clock that may wrap at 2^32. */
function elapsed(from: number, to: number): number {
  return to >= from ? to - from : to - from + 2 ** 32;
}
