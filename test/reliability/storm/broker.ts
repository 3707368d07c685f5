import { connack, pingresp } from "../../support/packets.js";
import type { Connection } from "./connection.js";
import { VirtualEvent, type VirtualTime } from "./virtual-time.js";

const CONNECT = 1;
const PINGREQ = 12;

/** What a broker can do. */
export interface BrokerLimits {
  /** Connections that it accepts in a second, one after the other at equal intervals. */
  readonly acceptRate: number;
  /** Connections that may wait until it accepts them. */
  readonly backlog: number;
  /** Milliseconds from when it has accepted a connection and has its CONNECT until CONNACK goes out. */
  readonly connackDelay: number;
  /** Milliseconds that a refusal keeps it from accepting anyone. */
  readonly refusalCost: number;
}

/** Before the outage: everyone is accepted at once. */
const UNLIMITED: BrokerLimits = { acceptRate: Infinity, backlog: Infinity, connackDelay: 0, refusalCost: 0 };

/**
 * A broker as its clients see it when all of them come at once.
 *
 * While it is down, its host refuses every connection at once. While it is up, a connection waits in the backlog of its
 * listening socket until the broker accepts it, first come, first served; TCP is open meanwhile. Where the backlog is full, the
 * connection is refused at once, which takes the broker a little time. A client that has given up while it waited still has its
 * turn. An accepted connection is answered with CONNACK and stays.
 */
export class Broker {
  /** Called with every attempt that arrives, whatever becomes of it. */
  onAttempt: () => void = () => undefined;
  readonly #time: VirtualTime;
  readonly #next: VirtualEvent;
  #limits = UNLIMITED;
  #isUp = true;
  #backlog: Connection[] = [];
  readonly #accepted = new Set<Connection>();
  /** When it can accept the next one. */
  #free = 0;

  constructor(time: VirtualTime) {
    this.#time = time;
    this.#next = new VirtualEvent(() => this.#accept());
  }

  /** Is gone, and all connections with it. */
  fail(): void {
    this.#isUp = false;
    for (const connection of [...this.#accepted, ...this.#backlog]) connection.reset();
    this.#backlog = [];
    this.#accepted.clear();
    this.#time.forget(this.#next);
  }

  /** Is back, and can do so much from now on. */
  recover(limits: BrokerLimits): void {
    this.#isUp = true;
    this.#limits = limits;
  }

  /** An attempt to connect has arrived. */
  attempt(connection: Connection): void {
    this.onAttempt();
    const isFull = this.#backlog.length >= this.#limits.backlog;
    if (!this.#isUp || isFull) connection.refuse();
    else {
      connection.establish();
      this.#backlog.push(connection);
    }
    if (this.#isUp) this.#work(isFull ? this.#limits.refusalCost : 0);
  }

  /** A packet of this type has arrived. */
  receive(connection: Connection, packetType: number): void {
    if (packetType === PINGREQ) connection.answer(pingresp());
    else if (packetType !== CONNECT) throw new Error(`a device sent a packet of type ${packetType}`);
    else {
      connection.hasConnect = true;
      if (this.#accepted.has(connection)) this.#welcome(connection);
    }
  }

  /** Is busy for so many milliseconds more, and accepts who is next after that. */
  #work(milliseconds: number): void {
    const { now } = this.#time;
    this.#free = Math.max(this.#free, now) + milliseconds;
    if (this.#backlog.length > 0) this.#time.plan(this.#next, this.#free - now);
  }

  #accept(): void {
    const connection = this.#backlog.shift();
    if (!connection) return;
    this.#accepted.add(connection);
    if (connection.hasConnect) this.#welcome(connection);
    this.#work(1_000 / this.#limits.acceptRate);
  }

  #welcome(connection: Connection): void {
    this.#time.after(this.#limits.connackDelay, () => {
      if (this.#accepted.has(connection)) connection.answer(connack());
    });
  }
}
