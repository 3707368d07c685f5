import type { MqttError, TransportListener } from "mqtt-xs";
import { connack, pingresp } from "../../support/packets.js";
import { MemoryTransport } from "../../support/memory-transport.js";
import type { AwkwardClock } from "./awkward-clock.js";

/** What the server does about one attempt to connect: times in milliseconds from when it is made. */
export interface Fate {
  /** When the stream is open. Default: never. */
  readonly open?: number;
  /** When the attempt is refused. Default: never. */
  readonly refuse?: number;
  /** When CONNACK comes. Default: never. */
  readonly connack?: number;
  /** How many PINGREQ are answered. Default: all. */
  readonly pingresps?: number;
  /** How long after its PINGREQ each PINGRESP comes. Default 0. */
  readonly pingresp?: number;
  /** When the connection breaks. Default: never. */
  readonly drop?: number;
}

/** What a life gives the client that leads it. */
export interface LifeOptions {
  readonly transport: MemoryTransport;
  readonly clock: AwkwardClock;
  readonly random: () => number;
  readonly onConnect: (sessionPresent: boolean) => void;
  readonly onDisconnect: (error: MqttError | undefined) => void;
}

const CONNECT = 1;
const PINGREQ = 12;
const CLEAN = 2;
/** Where CONNECT has its flags, in a packet of less than 128 bytes. */
const FLAGS_AT = 9;

/** CONNACK of MQTT 3.1.1. */
export function acceptance(sessionPresent: boolean): Uint8Array {
  return connack({ sessionPresent });
}

/** The names of what is written down. */
const NAMES: Readonly<Partial<Record<number, string>>> = { [CONNECT]: "CONNECT", [PINGREQ]: "PINGREQ" };

/**
 * Lets a client live through one fate after the other. Returns what happened, each with its time: `"4500 PINGREQ"`; goes on
 * writing that down when the clock is advanced later.
 *
 * @param begin makes a client, of whatever version, and has it connect.
 * @param connack the bytes of CONNACK in its version.
 */
export function live(
  clock: AwkwardClock,
  fates: readonly Fate[],
  milliseconds: number,
  begin: (options: LifeOptions) => void,
  connack: (sessionPresent: boolean) => Uint8Array,
): string[] {
  const log: string[] = [];
  const note = (what: string): unknown => log.push(`${Math.round(clock.time.now)} ${what}`);
  const transport = new FatefulTransport(clock, fates, note, connack);
  begin({
    transport,
    clock,
    random: () => 0.5,
    onConnect: (sessionPresent) => note(sessionPresent ? "connected, session present" : "connected"),
    onDisconnect: (error) => note(error?.code ?? "closed"),
  });
  clock.advance(milliseconds);
  return log;
}

class FatefulTransport extends MemoryTransport {
  readonly #clock: AwkwardClock;
  readonly #fates: readonly Fate[];
  readonly #note: (what: string) => void;
  readonly #connack: (sessionPresent: boolean) => Uint8Array;
  #hasSession = false;
  #isClean = true;
  #pingreqs = 0;

  constructor(
    clock: AwkwardClock,
    fates: readonly Fate[],
    note: (what: string) => void,
    connack: (sessionPresent: boolean) => Uint8Array,
  ) {
    super();
    this.#clock = clock;
    this.#fates = fates;
    this.#note = note;
    this.#connack = connack;
  }

  get #fate(): Fate {
    return this.#fates.at(this.opens - 1) ?? {};
  }

  override open(listener: TransportListener): void {
    super.open(listener);
    this.#note("opening");
    this.#pingreqs = 0;
    this.#later(this.#fate.open, () => this.accept());
    this.#later(this.#fate.refuse, () => this.refuse());
    this.#later(this.#fate.connack, () => this.#accept());
    this.#later(this.#fate.drop, () => this.drop());
  }

  override write(source: Uint8Array, length: number): boolean {
    const type = source[0] >> 4;
    const flags = source[FLAGS_AT];
    this.#note(`${NAMES[type] ?? `packet ${type}`}${type === CONNECT && flags & CLEAN ? ", clean" : ""}`);
    if (type === CONNECT) this.#isClean = (flags & CLEAN) !== 0;
    if (type === PINGREQ) this.#answer();
    return super.write(source, length);
  }

  #answer(): void {
    const { pingresps = Infinity, pingresp: delay = 0 } = this.#fate;
    if (this.#pingreqs++ < pingresps) this.#later(delay, () => this.deliver(pingresp()));
  }

  #accept(): void {
    const sessionPresent = this.#hasSession && !this.#isClean;
    this.#hasSession = true;
    this.deliver(this.#connack(sessionPresent));
  }

  /** On this connection only. */
  #later(delay: number | undefined, action: () => void): void {
    const { opens } = this;
    if (delay === undefined) return;
    this.#clock.time.after(delay, () => {
      if (this.opens === opens && (this.isOpen || this.isOpening)) action();
    });
  }
}
