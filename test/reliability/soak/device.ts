import { type ClientOptions, type Message, type QoS, type Subscription, type Topic, WOULD_BLOCK } from "mqtt-xs";
import Sim from "sim";
import Timer from "timer";
import { DeviceClock, TcpTransport } from "../../../hosts/device/index.js";
import { contentNumber } from "./content.js";
import { Echo } from "./echo.js";
import { Heap } from "./heap.js";
import { Outgoing, type Publisher } from "./outgoing.js";
import { PACKET_SIZE, Plan } from "./plan.js";
import { EMPTY_TOPIC, EMPTY_TOPICS, NUMBERED_TOPIC, WITNESSED_TOPIC } from "./topics.js";

/** QoS 1 and 2 messages on their way at the same time. */
const INFLIGHT = 16;

/** How many messages may be published beyond what has arrived everywhere, so that none has to wait in the broker. */
const AHEAD = 128;

/** Between two samples of the heap. */
const SAMPLE = 1_000;

/** Milliseconds: the broker is soon back. */
const RECONNECT = { reconnectPeriod: 20, reconnectMaximum: 100 };

/** A client of any version of the protocol. */
interface AnyClient extends Publisher {
  readonly inflight: number;
  subscribe(subscriptions: Subscription[], done: () => void): number;
  connect(): void;
  close(): void;
}

/** What clients of all versions are made of here. */
export type SoakOptions = Pick<ClientOptions, "clean" | "clientId" | "clock" | "packetSize" | "transport"> &
  Pick<ClientOptions, "inflight" | "receiveMaximum" | "subscriptions"> &
  Pick<ClientOptions, "reconnectMaximum" | "reconnectPeriod"> & {
    onConnect: (sessionPresent: boolean) => void;
    onDisconnect: (error: Error | undefined) => void;
    onDelivered: (identifier: number, reasonCode?: number) => void;
    onWritable: () => void;
  };

/**
 * Publishes numbered messages as fast as the broker and the witness take them, and gets every one back, until it is interrupted.
 * Its arguments are the broker's port, how many messages, and the plan's seed.
 *
 * It tells the runner `ready` (session present) when a connection is up, `echo` (number) for each message that has come back
 * whole, or `damaged` (number), `heap` (see `Heap`) every 1,000 messages, `connection` at the end of each, and `done` when all
 * is delivered.
 */
export class SoakDevice {
  readonly #client: AnyClient;
  readonly #outgoing: Outgoing;
  readonly #echo: Echo;
  readonly #heap = new Heap();
  readonly #messages = Number(Sim.argument(1));
  // In preloaded code, a text literal takes a chunk each time it is come across.
  readonly #done = "done";
  readonly #ready = "ready";
  #next = 1;
  /** The newest that the witness says it has. */
  #witnessed = 0;
  #isSubscribed = false;
  /** From when the connection is ready for messages until it is gone. */
  #isUp = false;

  constructor(makeClient: (options: SoakOptions) => AnyClient, makeTopic: (name: string) => Topic) {
    const plan = new Plan(Number(Sim.argument(2)));
    this.#client = makeClient({
      transport: new TcpTransport({ address: "127.0.0.1", port: Number(Sim.argument(0)) }),
      clock: new DeviceClock(),
      clientId: "soak-device",
      clean: false,
      packetSize: PACKET_SIZE,
      receiveMaximum: AHEAD,
      inflight: INFLIGHT,
      subscriptions: EMPTY_TOPICS + 2,
      ...RECONNECT,
      onConnect: (sessionPresent) => this.#connected(sessionPresent),
      onDisconnect: (error) => this.#disconnected(error),
      onDelivered: (identifier) => this.#delivered(identifier),
      onWritable: () => this.#publish(),
    });
    this.#outgoing = new Outgoing(plan, this.#client, INFLIGHT, makeTopic);
    this.#echo = new Echo(plan);
    this.#client.subscribe(this.#subscriptions(), () => this.#subscribed());
    Sim.onInterrupt(() => this.#client.close());
    this.#client.connect();
  }

  #subscriptions(): Subscription[] {
    const qos: QoS = 2;
    const numbered: Subscription = { filter: NUMBERED_TOPIC, qos, handler: (message) => this.#takeBack(message) };
    const empty = Array.from({ length: EMPTY_TOPICS }, (_, index): Subscription => {
      return { filter: `${EMPTY_TOPIC}${index}`, qos, handler: (message) => this.#takeEmptyBack(index, message) };
    });
    return [numbered, ...empty, { filter: WITNESSED_TOPIC, qos, handler: (message) => this.#heard(message) }];
  }

  #connected(sessionPresent: boolean): void {
    Sim.report(this.#ready, Number(sessionPresent));
    if (this.#isSubscribed) this.#begin();
  }

  #subscribed(): void {
    this.#isSubscribed = true;
    Timer.set(() => this.#begin()); // when what subscribing has left behind can be collected
  }

  /** Connecting may allocate; from here on nothing does. */
  #begin(): void {
    this.#isUp = true;
    this.#heap.begin();
    this.#heap.report(this.#next - 1);
    this.#publish();
  }

  #disconnected(error: Error | undefined): void {
    if (this.#isUp) this.#heap.end();
    this.#isUp = false;
    trace(error === undefined ? "closed" : `${(error as { code?: string }).code ?? ""} ${error.message}`);
  }

  #publish(): void {
    while (this.#isSubscribed && this.#mayPublish && this.#outgoing.publish(this.#next) !== WOULD_BLOCK) {
      if (this.#next % SAMPLE === 0) this.#heap.report(this.#next);
      this.#next++;
    }
  }

  get #mayPublish(): boolean {
    return this.#next <= this.#messages && this.#next - Math.min(this.#echo.newest, this.#witnessed) <= AHEAD;
  }

  #delivered(identifier: number): void {
    this.#outgoing.delivered(identifier);
    this.#publish();
    if (this.#next > this.#messages && this.#client.inflight === 0) Sim.report(this.#done);
  }

  #takeBack(message: Message): void {
    if (this.#echo.take(message)) this.#publish();
  }

  #takeEmptyBack(topic: number, message: Message): void {
    this.#echo.takeEmpty(topic, message);
    this.#publish();
  }

  #heard({ bytes, start }: Message): void {
    this.#witnessed = Math.max(this.#witnessed, contentNumber(bytes, start));
    this.#publish();
  }
}
