import { Client, Topic, WOULD_BLOCK } from "mqtt-xs";
import { Queue } from "mqtt-xs/queue";
import { Journal, StoredSession } from "mqtt-xs/store";
import { ManualClock } from "../../../support/manual-clock.js";
import { Broker } from "../simulation/broker.js";
import { Link } from "../simulation/link.js";
import { ENDINGS, Power } from "../simulation/power.js";
import { CountingFlash } from "./counting-flash.js";

/** A typical reading, as it is sent. */
export const READING = { topic: "greenhouse/1/reading", payloadSize: 32 } as const;
/** Bytes of its PUBLISH: fixed header, topic behind its length, identifier, payload. */
export const PACKET_SIZE = 2 + 2 + READING.topic.length + 2 + READING.payloadSize;

/** Bytes of a sector of NOR flash. */
export const SECTOR_SIZE = 4_096;

/** What is measured. */
export interface WearOptions {
  readonly qos: 1 | 2;
  /** Sectors of the partition. */
  readonly sectors: number;
  /** Messages that wait in a queue on the store before they are sent together; 0: each is sent at once. */
  readonly queued: number;
  /** Messages in all. */
  readonly messages: number;
}

/** How that wears the flash. */
export interface Wear {
  readonly bytesPerMessage: number;
  /** Bytes written for each byte of the PUBLISH packets. */
  readonly amplification: number;
  readonly erasuresPerThousand: number;
  /** Erasures of the sector that was erased most often over those of the average one. */
  readonly unevenness: number;
}

/** Has a device publish readings to a broker that acknowledges each, and counts what that writes. */
export function measureWear(options: WearOptions): Wear {
  const { messages } = options;
  const flash = new CountingFlash(options.sectors, SECTOR_SIZE);
  new Publisher(flash, options).run();
  const erasures = flash.erasures.reduce((sum, each) => sum + each, 0);
  return {
    bytesPerMessage: flash.bytesWritten / messages,
    amplification: flash.bytesWritten / (messages * PACKET_SIZE),
    erasuresPerThousand: (erasures * 1_000) / messages,
    unevenness: (Math.max(...flash.erasures) * options.sectors) / erasures,
  };
}

class Publisher {
  private readonly clock = new ManualClock();
  private readonly link = new Link(new Power([], ENDINGS[0]));
  private readonly client: Client;
  private readonly queue: Queue | undefined;
  private readonly topic = new Topic(READING.topic);
  private readonly payload = new Uint8Array(READING.payloadSize);
  private readonly broker = new Broker(4, {
    arrived: () => {
      this.arrived++;
    },
    delivered: () => undefined,
    violated: (rule) => {
      throw new Error(rule);
    },
  });
  private arrived = 0;

  constructor(
    flash: CountingFlash,
    private readonly options: WearOptions,
  ) {
    const session = new StoredSession(new Journal(flash, { records: 1_000 }), fail);
    const drain = (): void => this.queue?.drain();
    this.client = new Client({
      transport: this.link,
      clock: this.clock,
      session,
      clean: false,
      clientId: "wear",
      onConnect: drain,
      onWritable: drain,
    });
    if (options.queued > 0)
      this.queue = new Queue<never>({ client: this.client, clock: this.clock, session, messages: options.queued, onError: fail });
    this.client.connect();
  }

  run(): void {
    const { queued, messages } = this.options;
    if (queued === 0) this.connect();
    for (let at = 0; at < messages; at++) {
      if (!this.publish()) throw new Error("there is no room in the store");
      if (queued === 0) this.exchange();
      else if (this.queue?.length === queued) this.connectAndDrain();
    }
    if (this.queue) this.connectAndDrain();
    if (this.arrived !== messages) throw new Error(`${this.arrived} of ${messages} messages arrived`);
  }

  private publish(): boolean {
    if (this.queue) return this.queue.publish(this.topic, this.payload, this.options.qos);
    return this.client.publish(this.topic, this.payload, this.options.qos) !== WOULD_BLOCK;
  }

  private connectAndDrain(): void {
    this.connect();
    this.link.drop();
    this.broker.closed();
    this.clock.advance(this.clock.untilNext ?? 0);
  }

  private connect(): void {
    this.broker.opened();
    this.link.accept();
    this.exchange();
  }

  /** Until nothing is under way. */
  private exchange(): void {
    while (this.link.toBroker.length > 0) {
      this.broker.receive(this.link.toBroker.take());
      this.link.deliver(this.broker.take(Infinity));
    }
  }
}

function fail(error: Error): never {
  throw error;
}
