import { Client, type Message, type MqttError, type PayloadSource, type Transport, WOULD_BLOCK } from "mqtt-xs";
import { Client as Client5 } from "mqtt-xs/v5";
import { NodeClock, TcpTransport } from "../../../hosts/node/index.js";
import { Pieces } from "../../fuzz/network-world.js";
import type { Fault } from "../../support/faulty-transport/connection-faults.js";
import { FaultyTransport } from "../../support/faulty-transport/faulty-transport.js";
import { FastClock } from "../support/fast-clock.js";
import type { LedgerMessage } from "../support/ledger.js";
import type { Wrong } from "../support/violation.js";
import type { Broker } from "./brokers.js";
import { HaltingSource } from "./halting-source.js";
import { filterDown } from "./names.js";
import type { Schedule } from "./schedule.js";
import type { Trace } from "./trace.js";
import { TracedTransport } from "./traced-transport.js";
import { PATIENCE, within } from "./within.js";

/** How much faster the client's time passes than ours. */
const SPEED = 20;

/** Milliseconds and, for keep alive, seconds of the client's time. */
const LIMITS = { keepalive: 10, connectTimeout: 6_000, reconnectPeriod: 40, reconnectMaximum: 1_000 } as const;

/** What a device tells. */
export interface DeviceEvents {
  onConnect(sessionPresent: boolean): void;
  onDelivered(identifier: number): void;
  onMessage(message: LedgerMessage): void;
  onFault(fault: Fault): void;
  onWrong(what: Wrong, detail: string): void;
}

/** The client under test, behind a network that fails as its schedule says. */
export class Device {
  readonly #schedule: Schedule;
  readonly #events: DeviceEvents;
  readonly #trace: Trace;
  readonly #transport: FaultyTransport;
  readonly #client: Client | Client5;
  readonly #pieces = new Pieces();
  #isClosed = false;
  #hasRoom: () => void = () => undefined;

  constructor(schedule: Schedule, broker: Broker, events: DeviceEvents, trace: Trace, isTraced: boolean) {
    this.#schedule = schedule;
    this.#events = events;
    this.#trace = trace;
    const tcp = new TcpTransport(broker);
    const version = schedule.version === "5.0" ? 5 : 4;
    this.#transport = this.#faulty(isTraced ? new TracedTransport(tcp, version, trace, "device") : tcp);
    this.#client = this.#makeClient();
  }

  /** Connections so far, attempts included. */
  get connections(): number {
    return this.#transport.connections;
  }

  get connected(): boolean {
    return this.#client.connected;
  }

  /** Whether it has been closed, and will not connect again. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Connects, and subscribes; `done` is called when the server has answered. */
  connect(done: () => void): void {
    const handler = (message: Message): void => this.#take(message);
    this.#guard(() => {
      this.#client.subscribe({ filter: filterDown(this.#schedule.seed), qos: 2, handler }, done);
      this.#client.connect();
    });
  }

  /**
   * Publishes once there is room, but not with QoS 0 while there is no connection.
   * @param taken is called with the packet identifier if the client has taken the message.
   */
  async publish(message: LedgerMessage, fromSource: boolean, taken: (identifier: number) => void): Promise<void> {
    for (;;) {
      const identifier = this.#publish(message, fromSource);
      if (identifier !== WOULD_BLOCK) {
        taken(identifier);
        return;
      }
      if (message.qos === 0 && !this.#client.connected) return;
      if (await within(PATIENCE, (done) => (this.#hasRoom = done))) continue;
      this.#events.onWrong("not at rest", `no room for a message in ${PATIENCE} ms`);
      return;
    }
  }

  close(): void {
    this.#guard(() => this.#client.close());
  }

  #publish({ topic, payload, qos }: LedgerMessage, fromSource: boolean): number {
    let identifier: number = WOULD_BLOCK;
    const content: Uint8Array | PayloadSource = fromSource ? new HaltingSource(payload, () => this.#resume()) : payload;
    this.#guard(() => (identifier = this.#client.publish(topic, content, qos)));
    return identifier;
  }

  #resume(): void {
    this.#guard(() => this.#client.resume());
  }

  #faulty(transport: Transport): FaultyTransport {
    return new FaultyTransport({
      transport,
      clock: new NodeClock(),
      faultsOf: this.#schedule.faultsOf,
      onFault: (fault, connection) => {
        this.#trace(() => `fault: ${fault}, connection ${connection}`);
        this.#events.onFault(fault);
      },
      guard: (call) => this.#guard(call),
    });
  }

  #makeClient(): Client | Client5 {
    const { seed, version, clean, packetSize, inflight, random } = this.#schedule;
    const options = {
      transport: this.#transport,
      clock: new FastClock(new NodeClock(), SPEED, (call) => this.#guard(call)),
      random: random.next,
      clientId: `device-${seed}`,
      clean,
      packetSize,
      inflight,
      ...LIMITS,
      onConnect: (sessionPresent: boolean) => this.#connected(sessionPresent),
      onDisconnect: (error: MqttError | undefined) => this.#disconnected(error),
      onDelivered: (identifier: number) => this.#events.onDelivered(identifier),
      onWritable: () => this.#hasRoom(),
      onMessage: (message: Message) => this.#events.onWrong("foreign", `${message.topic} went past its handler`),
    };
    return version === "5.0" ? new Client5(options) : new Client(options);
  }

  #connected(sessionPresent: boolean): void {
    this.#trace(() => `connected${sessionPresent ? ", session present" : ""}`);
    this.#events.onConnect(sessionPresent);
    this.#hasRoom();
  }

  #disconnected(error: MqttError | undefined): void {
    this.#trace(() => `disconnected: ${error?.message ?? "as asked for"}`);
    this.#isClosed = error === undefined;
    this.#hasRoom(); // for messages of QoS 0, which need not wait any longer
  }

  #take(message: Message): void {
    const { topic, qos } = message;
    const wrong: string[] = [];
    const payload = this.#pieces.take(message, wrong);
    for (const detail of wrong) this.#events.onWrong("foreign", detail);
    if (payload) this.#events.onMessage({ topic, qos, payload });
  }

  /** Whatever the client is called for, it never throws, and keeps to its limits. */
  #guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#events.onWrong("thrown", String(error));
    }
    const { inflight } = this.#client;
    if (inflight > this.#schedule.inflight) this.#events.onWrong("limit exceeded", `${inflight} messages under way`);
  }
}
