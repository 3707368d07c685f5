import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type ClientPacket, connack, parsePackets, publish, pubrec, pubrel } from "../support/packets.js";
import { allocations, NOTHING, OPERATIONS } from "./support/allocations.js";
import { acknowledge, PUBCOMP, PUBLISH, PUBREL } from "./support/peer.js";
import { program } from "./support/program.js";
import { streaming } from "./support/sender.js";
import { runSession, type SessionOptions, type SessionReport } from "./support/session.js";

vi.setConfig({ testTimeout: 60_000 });

/** Metering units of one operation, over a thousand of them. */
function unitsOf({ reports }: SessionReport): { readonly mean: number; readonly most: number } {
  const [, most, sum] = reports.get("units") ?? [];
  return { mean: sum / 1_000, most };
}

/** A message of QoS 2 whenever the one before it is done with. */
function oneByOne(): SessionOptions {
  const text = { topic: "greenhouse/1/temperature/in", payload: "a".repeat(32) };
  const message = (identifier: number): Uint8Array => publish({ ...text, qos: 2, identifier });
  return streaming({ count: OPERATIONS, message, end: publish({ topic: "end" }), window: 1, server: acknowledge });
}

describe("with a stored session, allocates nothing and takes few units", () => {
  it.each<[string, string, SessionOptions, number, { readonly mean: number; readonly most: number }]>([
    ["publishing with QoS 1, and taking the PUBACK", "store-publish", { arguments: ["1"] }, PUBLISH, { mean: 7_000, most: 11_500 }],
    ["publishing with QoS 2, and taking PUBREC and PUBCOMP", "store-publish", { arguments: ["2"] }, PUBREL, { mean: 10_600, most: 20_000 }],
    ["receiving with QoS 2, and taking the PUBREL", "store-receive", oneByOne(), PUBCOMP, { mean: 5_000, most: 7_000 }],
  ])("%s", async (_title, name, options, packet, ceilings) => {
    // So few sectors that they are written over again and again.
    const report = await allocations(name, { ...options, storage: { sectors: 2 } });
    const units = unitsOf(report);
    expect(report.steady).toEqual(NOTHING);
    expect(report.trace).toEqual([]);
    expect(report.received[packet]).toBe(OPERATIONS);
    expect(units.mean).toBeLessThan(ceilings.mean);
    expect(units.most).toBeLessThan(ceilings.most);
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
  async function start(answer: (packet: ClientPacket) => Uint8Array | undefined): Promise<{ sent: string[]; report: SessionReport }> {
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
