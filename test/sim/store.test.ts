import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type ClientPacket, connack, parsePackets, publish, pubrec, pubrel } from "../support/packets.js";
import { useHost } from "./host/program.js";
import { allocations, NOTHING, OPERATIONS } from "./support/allocations.js";
import { acknowledge, PUBCOMP, PUBLISH, PUBREL } from "./support/peer.js";
import { program } from "./support/program.js";
import { streaming } from "./support/sender.js";
import { acknowledging } from "./v5/support/server.js";
import { sending as sending5 } from "./v5/support/sender.js";
import { runSession, type SessionOptions, type SessionReport } from "./support/session.js";

vi.setConfig({ testTimeout: 60_000 });
useHost();

/** Metering units of one operation, over a thousand of them. */
function unitsOf({ reports }: SessionReport): { readonly mean: number; readonly most: number } {
  const [, most, sum] = reports.get("units") ?? [];
  return { mean: sum / 1_000, most };
}

const TEXT = { topic: "greenhouse/1/temperature/in", payload: "a".repeat(32), qos: 2, count: OPERATIONS } as const;

/** A message whenever the one before it is done with. */
const oneByOne = (): SessionOptions => ({
  ...streaming({
    count: OPERATIONS,
    message: (identifier) => publish({ ...TEXT, identifier }),
    end: publish({ topic: "end" }),
    window: 1,
    server: acknowledge,
  }),
});

interface Operation {
  readonly title: string;
  readonly program: string;
  readonly options?: SessionOptions;
  /** What the program sends once for each. */
  readonly packet: number;
  /** Below which the units stay that one takes on the average, and at most. */
  readonly mean: number;
  readonly most: number;
}

const QOS_1 = { title: "publishing with QoS 1 and taking the PUBACK", packet: PUBLISH };
const QOS_2 = { title: "publishing with QoS 2 and taking PUBREC and PUBCOMP", packet: PUBREL };
const RECEIVING = { title: "receiving with QoS 2 and taking the PUBREL", packet: PUBCOMP };
const V5 = acknowledging();

describe.each<[string, Operation[]]>([
  [
    "MQTT 3.1.1",
    [
      { ...QOS_1, program: "store-publish", options: { arguments: ["1"] }, mean: 7_000, most: 11_500 },
      { ...QOS_2, program: "store-publish", options: { arguments: ["2"] }, mean: 10_600, most: 20_000 },
      { ...RECEIVING, program: "store-receive", options: oneByOne(), mean: 5_000, most: 10_000 },
    ],
  ],
  [
    "MQTT 5.0",
    [
      { ...QOS_1, program: "store-publish-v5", options: { answer: V5, arguments: ["1"] }, mean: 9_200, most: 13_500 },
      { ...QOS_2, program: "store-publish-v5", options: { answer: V5, arguments: ["2"] }, mean: 13_400, most: 23_500 },
      { ...RECEIVING, program: "store-receive-v5", options: sending5({ ...TEXT, window: 1 }), mean: 5_300, most: 10_000 },
    ],
  ],
])("%s: with a stored session", (_version, operations) => {
  const titled = operations.map((each) => [each.title, each] as const);

  it.each(titled)("%s allocates nothing and takes few units", async (_title, { program, options, packet, mean, most }) => {
    // So few sectors that they are written over again and again.
    const report = await allocations(program, { ...options, storage: { sectors: 2 } });
    const units = unitsOf(report);
    expect(report.steady).toEqual(NOTHING);
    expect(report.trace).toEqual([]);
    expect(report.received[packet]).toBe(OPERATIONS);
    expect(units.mean).toBeLessThan(mean);
    expect(units.most).toBeLessThan(most);
  });
});

describe("a program that is ended without a word, and started again", () => {
  const END = publish({ topic: "end" });
  const SEVEN = { topic: "commands", payload: "seven", qos: 2, identifier: 77 } as const;
  const RESUMED = connack({ sessionPresent: true });
  let folder = "";
  beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), "mqtt-xs-store-"))));
  afterAll(() => rm(folder, { recursive: true }));

  /** Starts the program with what its flash holds. Tells what it sent, its first packet, CONNECT, left out. */
  async function start(answer: (packet: ClientPacket) => Uint8Array | undefined) {
    const sent: string[] = [];
    const report = await runSession(program("store-restart"), {
      storage: { path: join(folder, "flash") },
      answer: (bytes) => {
        const [packet] = parsePackets(bytes);
        sent.push(describePacket(packet));
        return answer(packet);
      },
    });
    expect(report).toMatchObject({ reason: "finished", errors: "" });
    return { sent: sent.slice(1), report };
  }

  it("first sends three messages, has one of them received, and receives one", async () => {
    const { sent, report } = await start((packet) => {
      if (packet.type === "CONNECT") return connack();
      if (packet.type === "PUBLISH") return packet.identifier === 2 ? pubrec(2) : undefined;
      return packet.type === "PUBREL" ? publish(SEVEN) : END;
    });
    expect(sent).toEqual(["PUBLISH 1 one", "PUBLISH 2 two", "PUBLISH 3 three", "PUBREL 2", "PUBREC 77"]);
    expect(report.trace).toEqual(["received seven"]);
  });

  it("then repeats what was not acknowledged, takes no message twice, and no packet identifier", async () => {
    const { sent, report } = await start((packet) => {
      if (packet.type === "CONNECT") return Buffer.concat([RESUMED, publish({ ...SEVEN, dup: true })]);
      if (packet.type === "PUBREC") return pubrel(77);
      return packet.type === "PUBCOMP" ? END : acknowledge(Buffer.from(packet.bytes));
    });
    expect(sent.slice(0, 4)).toEqual(["PUBLISH 1 one again", "PUBLISH 3 three again", "PUBREL 2", "PUBLISH 257 four"]);
    expect(sent.slice(4)).toEqual(["PUBREC 77", "PUBREL 3", "PUBCOMP 77"]);
    expect(report.trace).toEqual([]);
  });

  it("in the end has nothing left to repeat", async () => {
    const { sent } = await start((packet) => (packet.type === "CONNECT" ? RESUMED : END));
    expect(sent).toEqual(["PUBLISH 513 four"]);
  });
});

function describePacket(packet: ClientPacket): string {
  const { type } = packet;
  if (type === "PUBLISH") return `PUBLISH ${packet.identifier} ${packet.payload.toString()}${packet.dup ? " again" : ""}`;
  return "identifier" in packet ? `${type} ${packet.identifier}` : type;
}
