import { generate, parser } from "mqtt-packet";
import { Client, Topic, type Clock, type Transport, type TransportListener } from "mqtt-xs";
import { connack, publish } from "../support/packets.js";
import { compare, type Comparison } from "./median.js";

const TOPIC = "greenhouse/1/temperature/in";
const PAYLOAD = new Uint8Array(32).fill(0x61);
const COUNT = 200_000;
/** Messages in one arrival. */
const BATCH = 100;

const silentClock: Clock = { now: () => 0, createTimer: () => ({ schedule: () => undefined, cancel: () => undefined }) };

/** A stream that takes everything, and gives what it is told to. */
class MemoryStream implements Transport {
  readonly writeLimit = 65_535;
  bytesWritten = 0;
  #listener: TransportListener | undefined;
  #bytes: Uint8Array = new Uint8Array(0);
  #position = 0;

  open(listener: TransportListener): void {
    this.#listener = listener;
  }

  accept(): void {
    this.#listener?.onOpen();
    this.deliver(connack());
  }

  deliver(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#position = 0;
    this.#listener?.onReadable();
  }

  read(target: Uint8Array, start: number, end: number): number {
    const count = Math.min(end - start, this.#bytes.length - this.#position);
    target.set(this.#bytes.subarray(this.#position, this.#position + count), start);
    this.#position += count;
    return count;
  }

  write(_source: Uint8Array, length: number): boolean {
    this.bytesWritten += length;
    return true;
  }

  close(): void {
    this.#bytes = new Uint8Array(0);
  }
}

/** Our client without a network, against mqtt-packet's `generate`: messages of QoS 0 made into bytes, per second. */
export async function encoding(): Promise<Comparison> {
  const { client, stream } = connected();
  const topic = new Topic(TOPIC);
  const payload = Buffer.from(PAYLOAD);
  const ours = (): void => {
    const before = stream.bytesWritten;
    for (let count = 0; count < COUNT; count++) client.publish(topic, PAYLOAD);
    expectEqual(stream.bytesWritten - before, COUNT * publish({ topic: TOPIC, payload: PAYLOAD }).length);
  };
  const theirs = (): void => {
    let bytes = 0;
    for (let count = 0; count < COUNT; count++)
      bytes += generate({ cmd: "publish", topic: TOPIC, payload, qos: 0, retain: false, dup: false }).length;
    expectEqual(bytes, COUNT * publish({ topic: TOPIC, payload: PAYLOAD }).length);
  };
  return compare({ count: COUNT, run: ours }, { count: COUNT, run: theirs });
}

/** Our client without a network, handler included, against mqtt-packet's parser: messages of QoS 0 taken, per second. */
export async function decoding(): Promise<Comparison> {
  const batch = Buffer.concat(Array.from({ length: BATCH }, () => publish({ topic: TOPIC, payload: PAYLOAD })));
  let taken = 0;
  const { stream } = connected(() => taken++);
  const parse = parser({ protocolVersion: 4 });
  parse.on("packet", () => taken++);
  const run = (feed: () => void): void => {
    taken = 0;
    for (let count = 0; count < COUNT; count += BATCH) feed();
    expectEqual(taken, COUNT);
  };
  const ours = (): void => run(() => stream.deliver(batch));
  const theirs = (): void => run(() => parse.parse(batch));
  return compare({ count: COUNT, run: ours }, { count: COUNT, run: theirs });
}

function connected(onMessage = (): void => undefined): { client: Client; stream: MemoryStream } {
  const stream = new MemoryStream();
  const client = new Client({ transport: stream, clock: silentClock, packetSize: 4_096 });
  client.subscribe({ filter: TOPIC, handler: onMessage });
  client.connect();
  stream.accept();
  return { client, stream };
}

function expectEqual(actual: number, expected: number): void {
  if (actual !== expected) throw new Error(`${actual} where ${expected} were expected`);
}
