import { publish } from "../support/packets.js";
import { acknowledge, type Answer, PUBLISH } from "../sim/support/peer.js";
import { numbersOf, report, type SessionOptions } from "./report.js";

/** The topic that the programs publish and subscribe to: 27 bytes. */
export const TOPIC = "greenhouse/1/temperature/in";
export const PAYLOAD = "a".repeat(32);
/** Messages that the program publishes before the peer acknowledges the first of them. */
const BATCH = 4;
/** Operations that the programs count. */
const OPERATIONS = 1_000;

/** Metering units of one operation, over 1,000 of them. */
export interface Units {
  readonly least: number;
  readonly most: number;
  readonly mean: number;
}

/** Units to publish a message of QoS 0 with a prepared topic. */
export async function unitsToPublish(): Promise<Units> {
  return measure("publish");
}

/** Units to receive, check and route a message of QoS 0; `filter` is what the program subscribes to. */
export async function unitsToReceive(filter = TOPIC): Promise<Units> {
  const message = publish({ topic: TOPIC, payload: PAYLOAD });
  return measure("receive", {
    arguments: [filter],
    onReport: (peer, name) => {
      if (name === "next") peer.send(message);
    },
  });
}

/** Units to take the PUBACK of a message of QoS 1. */
export async function unitsToAcknowledge(): Promise<Units> {
  return measure("acknowledge", oneByOne(acknowledge));
}

/** Acknowledges a batch of messages when the last of them has come: the first at once, each other when it is told to. */
export function oneByOne(server: Answer): SessionOptions {
  const waiting: Uint8Array[] = [];
  const answer: Answer = (packet, peer) => {
    const bytes = server(packet, peer);
    if (packet[0] >> 4 !== PUBLISH || bytes === undefined) return bytes;
    waiting.push(bytes);
    return waiting.length === BATCH ? waiting.shift() : undefined;
  };
  const onReport: SessionOptions["onReport"] = (peer, name) => {
    const next = name === "next" ? waiting.shift() : undefined;
    if (next) peer.send(next);
  };
  return { answer, onReport };
}

/** Runs a program that tells the units of its operations under its own name. */
export async function measure(program: string, options?: SessionOptions): Promise<Units> {
  const [least, most, sum] = numbersOf(await report(program, options), program);
  return { least, most, mean: sum / OPERATIONS };
}
