import { describe, expect, it, vi } from "vitest";
import { allocations, NOTHING, OPERATIONS } from "./support/allocations.js";
import { plainly } from "./support/channel.js";
import { checking, LARGE } from "./support/large-messages.js";
import { PINGREQ, PUBACK, PUBCOMP, PUBLISH, PUBREC, PUBREL } from "./support/peer.js";
import { sending } from "./support/sender.js";
import type { SessionOptions } from "./support/session.js";

vi.setConfig({ testTimeout: 60_000 });

const TOPIC = "greenhouse/1/temperature/in";

describe.each<[string, SessionOptions]>([
  ["publishing", {}],
  ["publishing over WebSocket", { webSocket: plainly }],
])("%s allocates nothing", (_title, connection) => {
  it("with QoS 0", async () => {
    const { steady, received } = await allocations("publish", { ...connection, arguments: ["0"] });
    expect(steady).toEqual(NOTHING);
    expect(received[PUBLISH]).toBe(OPERATIONS);
  });

  it("with QoS 1 and its PUBACK", async () => {
    const { steady, received } = await allocations("publish", { ...connection, arguments: ["1"] });
    expect(steady).toEqual(NOTHING);
    expect(received[PUBLISH]).toBeGreaterThanOrEqual(OPERATIONS);
  });

  it("with QoS 2 and its PUBREC, PUBREL and PUBCOMP", async () => {
    const { steady, received } = await allocations("publish", { ...connection, arguments: ["2"] });
    expect(steady).toEqual(NOTHING);
    expect(received[PUBREL]).toBeGreaterThanOrEqual(OPERATIONS);
  });
});

describe("receiving, and routing to a handler for each kind of filter, allocates nothing", () => {
  const MESSAGES = { topic: TOPIC, payload: "a".repeat(32), count: OPERATIONS };
  const HANDLED = [OPERATIONS, OPERATIONS, 0];

  it("with QoS 0", async () => {
    const { steady, reports } = await allocations("receive", sending({ ...MESSAGES, qos: 0 }));
    expect(steady).toEqual(NOTHING);
    expect(reports.get("handled")).toEqual(HANDLED);
  });

  it("with QoS 1 and its PUBACK", async () => {
    const { steady, reports, received } = await allocations("receive", sending({ ...MESSAGES, qos: 1 }));
    expect(steady).toEqual(NOTHING);
    expect(reports.get("handled")).toEqual(HANDLED);
    expect(received[PUBACK]).toBe(OPERATIONS);
  });

  it("with QoS 2 and its PUBREC, PUBREL and PUBCOMP", async () => {
    const { steady, reports, received } = await allocations("receive", sending({ ...MESSAGES, qos: 2 }));
    expect(steady).toEqual(NOTHING);
    expect(reports.get("handled")).toEqual(HANDLED);
    expect(received[PUBREC]).toBe(OPERATIONS);
    expect(received[PUBCOMP]).toBe(OPERATIONS);
  });
});

describe("keeping alive allocates nothing", () => {
  it("with PINGREQ and PINGRESP", async () => {
    const { steady, received } = await allocations("ping");
    expect(steady).toEqual(NOTHING);
    expect(received[PINGREQ]).toBe(OPERATIONS);
  });
});

describe("a message of 10 kB in buffers of 512 bytes allocates nothing", () => {
  it.each([
    ["bytes", "0"],
    ["bytes", "1"],
    ["bytes", "2"],
    ["source", "0"],
    ["source", "1"],
    ["source", "2"],
  ])("going out as %s, QoS %s", async (kind, qos) => {
    const { answer, damaged } = checking();
    const { steady, received } = await allocations("publish-large", { answer, arguments: [qos, kind] });
    expect(steady).toEqual(NOTHING);
    expect(received[PUBLISH]).toBeGreaterThanOrEqual(OPERATIONS);
    expect(damaged()).toBe(0);
  });

  it.each([0, 1, 2] as const)("coming in, QoS %i", async (qos) => {
    const messages = sending({ topic: TOPIC, payload: LARGE, qos, count: OPERATIONS });
    const { steady, reports } = await allocations("receive-large", messages);
    expect(steady).toEqual(NOTHING);
    expect(reports.get("bad")).toEqual([0]);
  });
});
