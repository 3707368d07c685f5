import { type PayloadSource, type QoS, Topic, WOULD_BLOCK } from "mqtt-xs";
import Sim from "sim";
import { makeClient, TOPIC } from "./support/client.js";
import { Steady } from "./support/steady.js";

// Publishes 10 kB through buffers of 512 bytes. Argument 1: the quality of service; argument 2: "bytes" or "source".

const SIZE = 10_240;

/** Byte `n` of every message is `n & 0xff`. */
class Counting implements PayloadSource {
  readonly length = SIZE;

  read(target: Uint8Array, start: number, end: number, position: number): number {
    for (let at = start; at < end; at++) target[at] = position++;
    return end - start;
  }
}

function countingBytes(): Uint8Array {
  const bytes = new Uint8Array(SIZE);
  for (let at = 0; at < SIZE; at++) bytes[at] = at;
  return bytes;
}

const qos = Number(Sim.argument(1)) as QoS;
const payload = Sim.argument(2) === "bytes" ? countingBytes() : new Counting();
const topic = new Topic(TOPIC);
const steady = new Steady();

function publish(): void {
  while (!steady.done && client.publish(topic, payload, qos) !== WOULD_BLOCK) if (qos === 0) steady.count();
  if (steady.done && client.inflight === 0) client.close();
}

const client = makeClient({
  onConnect: publish,
  onWritable: publish,
  onDelivered: () => {
    steady.count();
    publish();
  },
});
client.connect();
