import {
  utf8,
  WOULD_BLOCK,
  type Client,
  type Clock,
  type ClockTimer,
  type Message,
  type MqttError,
  type PayloadSource,
  type QoS,
  type Subscription,
  type Topic,
  type Will,
} from "mqtt-xs";
import { parseInterval } from "./interval.js";
import type { FirmwareOptions, Telemetry, TelemetryObserver } from "./options.js";
import { Reading } from "./reading.js";
import { ReadingFormat } from "./reading-format.js";
import type { Sensors } from "./sensors.js";
import { SimulatedSensors } from "./simulated-sensors.js";

const DEFAULT_INFLIGHT = 4;

/** Milliseconds that `stop` gives the broker to acknowledge what is on its way. */
const GRACE = 2_000;

/** What the firmware itself takes from the options that are the client's. */
interface ClientHost {
  clock: Clock;
  inflight?: number;
}

/** What the firmware asks of a client, of whichever version of MQTT. */
export interface FirmwareClient extends Pick<Client, "connected" | "inflight" | "connect" | "close"> {
  subscribe(subscriptions: readonly Subscription[]): number;
  /** As the client's or, where the server would only refuse the message, the reason code that it has for it, negative. */
  publish(topic: Topic, payload: Uint8Array | PayloadSource, qos: QoS, retain?: boolean): number;
}

/** The options of a client that the firmware decides. */
export interface FirmwareClientOptions {
  readonly inflight: number;
  readonly clean: false;
  readonly subscriptions: number;
  readonly will: Will;
  readonly onConnect: (sessionPresent: boolean) => void;
  readonly onDisconnect: (error: MqttError | undefined) => void;
  readonly onDelivered: (identifier: number, reasonCode?: number) => void;
  readonly onWritable: () => void;
}

/** The firmware, which leaves to its maker what depends on the version of MQTT: the client, topics, and refusals. */
export class Firmware<Host extends ClientHost> implements Telemetry {
  protected readonly observer: TelemetryObserver;
  private readonly client: FirmwareClient;
  private readonly clock: Clock;
  private readonly tick: ClockTimer;
  private readonly grace: ClockTimer;
  private readonly sensors: Sensors;
  private readonly readings: readonly Reading[];
  private readonly readingTopic: Topic;
  private readonly statusTopic: Topic;
  private readonly online = utf8("online");
  private readonly offline = utf8("offline");
  private readonly qos: QoS;
  private readonly count: number;
  private interval: number;
  private sequence = 0;
  /** The latest of `readings`, and whether it has yet to be published. */
  private latest = 0;
  private readingWaits = false;
  /** The status that has yet to be published, if any. */
  private status: Uint8Array | undefined;
  private isEnding = false;
  private saidOffline = false;
  private isClosing = false;

  /**
   * Connects.
   * @param makeClient called once, with what the caller has for the client and what the firmware has.
   * @param TopicClass prepares topics for that client.
   */
  constructor(
    options: Host & FirmwareOptions,
    makeClient: (options: Host & FirmwareClientOptions) => FirmwareClient,
    TopicClass: new (name: string) => Topic,
  ) {
    const { base = "telemetry", qos = 1, interval = 1_000, count = Infinity, payloadSize = 0, ...rest } = options;
    const { observer = {}, commands = [], sensors: given, ...host } = rest;
    const { inflight = DEFAULT_INFLIGHT, clock } = options;
    const sensors: Sensors = given ?? new SimulatedSensors();
    this.clock = clock;
    this.sensors = sensors;
    this.observer = observer;
    this.qos = qos;
    this.count = count;
    this.interval = interval;
    this.readings = makeReadings(new ReadingFormat(sensors.extras ?? []), inflight, payloadSize);
    this.readingTopic = new TopicClass(`${base}/reading`);
    this.statusTopic = new TopicClass(`${base}/status`);
    this.tick = clock.createTimer(() => this.take());
    this.grace = clock.createTimer(() => this.close());
    this.client = makeClient({
      ...(host as object as Host), // all that is not the firmware's own
      inflight,
      clean: false,
      subscriptions: 1 + commands.length,
      will: { topic: this.statusTopic, payload: this.offline, qos: 1, retain: true },
      onConnect: (sessionPresent) => this.onConnect(sessionPresent),
      onDisconnect: (error) => this.onDisconnect(error),
      onDelivered: (identifier, reasonCode) => this.onDelivered(identifier, reasonCode),
      onWritable: () => this.publish(),
    });
    this.client.subscribe([
      { filter: `${base}/command/interval`, qos: 1, handler: (message) => this.onIntervalCommand(message) },
      ...commands.map((name) => command(`${base}/command/`, name, observer)),
    ]);
    this.client.connect();
  }

  read(): boolean {
    if (this.readingWaits || this.isEnding) return false;
    this.tick.cancel();
    this.take();
    return true;
  }

  stop(): void {
    if (!this.client.connected) {
      this.close();
      return;
    }
    this.isEnding = true;
    this.tick.cancel();
    this.grace.schedule(GRACE);
    this.publish();
  }

  private onConnect(sessionPresent: boolean): void {
    this.observer.onConnect?.(sessionPresent);
    if (!this.isEnding) this.status = this.online;
    this.publish();
    if (this.sequence === 0) this.take();
  }

  private onDisconnect(error: MqttError | undefined): void {
    if (this.isClosing) this.observer.onFinished?.();
    else this.observer.onDisconnect?.(error);
  }

  private onDelivered(identifier: number, reasonCode: number | undefined): void {
    for (let index = 0; index < this.readings.length; index++) {
      const reading = this.readings[index];
      if (reading.identifier === identifier) this.settle(reading, reasonCode);
    }
    this.publish();
  }

  private settle(reading: Reading, reasonCode: number | undefined): void {
    reading.identifier = 0;
    this.settled(reading.sequence, elapsed(reading.publishedAt, this.clock.now()), reasonCode);
  }

  /** It is known what has become of a reading: MQTT 3.1.1 knows of no refusals. */
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- for those that override this
  protected settled(sequence: number, roundTrip: number, _reasonCode?: number): void {
    this.observer.onDelivered?.(sequence, roundTrip);
  }

  private onIntervalCommand(message: Message): void {
    const interval = parseInterval(message);
    if (interval === 0) return;
    this.interval = interval;
    this.observer.onInterval?.(interval);
    if (!this.readingWaits && !this.isEnding) this.tick.schedule(interval);
  }

  /** Takes a reading. */
  private take(): void {
    this.sensors.sample(++this.sequence);
    this.latest = this.nextFree();
    this.readings[this.latest].compose(this.sequence, this.sensors);
    this.readingWaits = true;
    this.observer.onReading?.(this.sequence, this.sensors.temperature, this.sensors.humidity, this.sensors.battery);
    this.publish();
  }

  /** There is one more reading than can be in flight. In turn, as the latest may still be going out in pieces. */
  private nextFree(): number {
    let index = this.latest;
    do index = (index + 1) % this.readings.length;
    while (this.readings[index].identifier > 0);
    return index;
  }

  /** Publishes what waits, as far as there is room; called again whenever there may be more. */
  private publish(): void {
    if (!this.publishStatus() || !this.publishReading()) return;
    if (this.isEnding && this.client.inflight === 0) this.leave();
  }

  /** False when the status has to wait. */
  private publishStatus(): boolean {
    if (this.status === undefined) return true;
    if (this.send(this.statusTopic, this.status, 1, true) === WOULD_BLOCK) return false;
    this.status = undefined;
    return true;
  }

  /** False when the reading has to wait. */
  private publishReading(): boolean {
    if (!this.readingWaits) return true;
    const reading = this.readings[this.latest];
    reading.publishedAt = this.clock.now();
    const identifier = this.send(this.readingTopic, reading, this.qos, false);
    if (identifier === WOULD_BLOCK) return false;
    this.readingWaits = false;
    this.published(reading, identifier);
    return true;
  }

  /** Publishes; a board whose flash has failed, so that its session can store nothing any more, goes on with QoS 0. */
  private send(topic: Topic, payload: Uint8Array | Reading, qos: QoS, retain: boolean): number {
    try {
      return this.client.publish(topic, payload, qos, retain);
    } catch (cause) {
      if ((cause as MqttError).code !== "ERR_STORE") throw cause;
      return this.client.publish(topic, payload, 0, retain);
    }
  }

  private published(reading: Reading, identifier: number): void {
    reading.identifier = identifier;
    this.observer.onPublished?.(reading.sequence);
    if (identifier <= 0) this.settle(reading, -identifier);
    if (reading.sequence >= this.count) this.isEnding = true;
    else if (!this.isEnding) this.tick.schedule(this.interval);
  }

  /** All is acknowledged. The will dies with an orderly end, so its words are said first; their PUBACK comes last. */
  private leave(): void {
    if (this.saidOffline) {
      this.close();
      return;
    }
    this.saidOffline = true;
    this.status = this.offline;
    this.publishStatus();
  }

  private close(): void {
    if (this.isClosing) return;
    this.isClosing = true;
    this.isEnding = true;
    this.tick.cancel();
    this.grace.cancel();
    this.client.close();
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
