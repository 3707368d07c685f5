import { describe, expect, it, vi } from "vitest";
import {
  connack,
  firstPacket,
  puback,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  suback,
  unsuback,
  type ClientPacket,
  type PropertyList,
} from "../support/v5/packets.js";
import { allocations, NOTHING, OPERATIONS } from "./support/allocations.js";
import type { Answer, Peer } from "./support/peer.js";
import type { SessionOptions } from "./support/session.js";

vi.setConfig({ testTimeout: 60_000 });

/** The strictly read packet, acknowledged by a server of 5.0 that takes everything. */
function acknowledge(packet: ClientPacket): Uint8Array[] {
  switch (packet.type) {
    case "CONNECT":
      return [connack({ properties: [["assignedClientIdentifier", "device"]] })];
    case "SUBSCRIBE":
      return [suback(packet.identifier, packet.subscriptions.map(({ qos }) => qos))];
    case "UNSUBSCRIBE":
      return [unsuback(packet.identifier, packet.topicFilters.map(() => 0))];
    case "PUBLISH":
      return packet.qos === 0 ? [] : [packet.qos === 1 ? puback(packet.identifier) : pubrec(packet.identifier)];
    case "PUBREC":
      return [pubrel(packet.identifier)];
    case "PUBREL":
      return [pubcomp(packet.identifier)];
    default:
      return [];
  }
}

/** A server of 5.0 that also sends what `more` has for a packet. */
function serving(more: (packet: ClientPacket) => readonly Uint8Array[]): Answer {
  return (bytes) => {
    const packet = firstPacket(bytes);
    return packet && Buffer.concat([...acknowledge(packet), ...more(packet)]);
  };
}

/** Responds to every request with its payload, and twice to each tenth; counts those that are not as they must be. */
function echoing(): { readonly options: SessionOptions; readonly wrong: () => number } {
  let wrong = 0;
  let count = 0;
  const seen = new Set<string>();
  const answer = serving((packet) => {
    if (packet.type === "SUBSCRIBE") return [publish({ topic: "begin" })];
    if (packet.type !== "PUBLISH") return [];
    const { correlationData = Uint8Array.of(), responseTopic = "" } = packet.properties;
    const key = Buffer.from(correlationData).toString("hex");
    if (correlationData.length !== 4 || responseTopic !== "to/me" || seen.has(key)) wrong++;
    seen.add(key);
    const response = publish({ topic: responseTopic, payload: packet.payload, properties: [["correlationData", correlationData]] });
    return count++ % 10 === 0 ? [response, response] : [response];
  });
  return { options: { answer }, wrong: () => wrong };
}

const CORRELATION = (number: number): string => `request ${number}`;

/** Sends requests, two at a time, and "end" when all have been answered; counts the answers that are not as they must be. */
function asking(count: number): { readonly options: SessionOptions; readonly wrong: () => number; readonly answers: () => number } {
  let sent = 0;
  let answers = 0;
  let wrong = 0;
  const request = (list: PropertyList = []): Uint8Array => {
    const number = ++sent;
    const properties: PropertyList = [["responseTopic", `to/${number % 3}`], ["correlationData", CORRELATION(number)], ...(list as [])];
    return publish({ topic: "service/a", payload: "x".repeat(32), properties });
  };
  const pair = (): Uint8Array[] => [request(), request([["userProperty", ["a", "b"]]])];
  const answer = serving((packet) => {
    if (packet.type !== "PUBLISH") return [];
    const number = ++answers;
    const { correlationData = Uint8Array.of() } = packet.properties;
    const isRight = Buffer.from(correlationData).toString() === CORRELATION(number) && packet.topic === `to/${number % 3}`;
    if (!isRight || Buffer.from(packet.payload).toString() !== "32") wrong++;
    if (answers === count) return [publish({ topic: "end" })];
    return answers % 2 === 0 ? pair() : [];
  });
  const onReport = (peer: Peer, name: string): void => {
    if (name === "ready") peer.send(Buffer.concat(pair()));
  };
  return { options: { answer, onReport }, wrong: () => wrong, answers: () => answers };
}

describe("on XS", () => {
  it.each(["0", "1", "2"])("a request of QoS %s and its response allocate nothing", async (qos) => {
    const { options, wrong } = echoing();
    const { steady, reports } = await allocations("request", { ...options, arguments: [qos] });
    const [slots, chunkBytes] = reports.get("memory") ?? [];
    process.stdout.write(`a requester of 4 requests: ${slots} slots and ${chunkBytes} bytes of chunks\n`);
    expect(steady).toEqual(NOTHING);
    expect(wrong()).toBe(0);
    expect(reports.get("unlike")).toEqual([0]);
    expect(reports.has("timeout")).toBe(false);
  });

  it.each(["0", "1", "2"])("an answer of QoS %s to a request, at once or later, allocates nothing", async (qos) => {
    const { options, wrong, answers } = asking(OPERATIONS);
    const { steady, reports } = await allocations("request-respond", { ...options, arguments: [qos] });
    const [slots, chunkBytes] = reports.get("memory") ?? [];
    process.stdout.write(`a responder of 2 requests: ${slots} slots and ${chunkBytes} bytes of chunks\n`);
    expect(steady).toEqual(NOTHING);
    expect(answers()).toBe(OPERATIONS);
    expect(wrong()).toBe(0);
    expect(reports.get("refused")).toEqual([0]);
    expect(reports.has("blocked")).toBe(false);
  });
});
