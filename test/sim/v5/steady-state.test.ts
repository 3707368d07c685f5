import { describe, expect, it, vi } from "vitest";
import type { Property } from "../../support/v5/packets.js";
import { allocations, NOTHING, OPERATIONS } from "../support/allocations.js";
import { plainly } from "../support/channel.js";
import { checking, LARGE } from "../support/large-messages.js";
import { PINGREQ, PUBACK, PUBCOMP, PUBLISH, PUBREC, PUBREL } from "../support/peer.js";
import type { SessionOptions } from "../support/session.js";
import { sending } from "./support/sender.js";
import { acknowledging } from "./support/server.js";
import { watched } from "./support/watched.js";

vi.setConfig({ testTimeout: 60_000 });

const TOPIC = "greenhouse/1/temperature/in";
const ALIASES: Property = ["topicAliasMaximum", 4];

describe.each<[string, SessionOptions]>([
  ["publishing", {}],
  ["publishing over WebSocket", { webSocket: plainly }],
])("%s allocates nothing", (_title, connection) => {
  it("with QoS 0", async () => {
    const { answer, short } = watched(acknowledging());
    const { steady, received } = await allocations("v5/publish", { ...connection, answer, arguments: ["0", "no"] });
    expect(steady).toEqual(NOTHING);
    expect(received[PUBLISH]).toBe(OPERATIONS);
    expect(short()).toBe(0);
  });

  it("with QoS 1 and its PUBACK", async () => {
    const { steady, received } = await allocations("v5/publish", { ...connection, answer: acknowledging(), arguments: ["1", "no"] });
    expect(steady).toEqual(NOTHING);
    expect(received[PUBLISH]).toBeGreaterThanOrEqual(OPERATIONS);
  });

  it("with QoS 2 and its PUBREC, PUBREL and PUBCOMP", async () => {
    const { steady, received } = await allocations("v5/publish", { ...connection, answer: acknowledging(), arguments: ["2", "no"] });
    expect(steady).toEqual(NOTHING);
    expect(received[PUBREL]).toBeGreaterThanOrEqual(OPERATIONS);
  });
});

describe("publishing with prepared properties, on topics that have an alias, allocates nothing", () => {
  it.each([0, 1, 2])("with QoS %i", async (qos) => {
    const { answer, named, short } = watched(acknowledging({ announced: [ALIASES] }));
    const { steady, received } = await allocations("v5/publish", { answer, arguments: [String(qos), "yes"] });
    expect(steady).toEqual(NOTHING);
    expect(named() + short()).toBe(received[PUBLISH]);
    expect(named()).toBeLessThan(100); // what waits behind another message may have to name its topic again
  });

  it.each([1, 2])("one at a time, since the server takes no more, with QoS %i", async (qos) => {
    const { answer, mostUnderWay } = watched(acknowledging({ announced: [ALIASES, ["receiveMaximum", 1]] }));
    const { steady, received } = await allocations("v5/publish", { answer, arguments: [String(qos), "yes"] });
    expect(steady).toEqual(NOTHING);
    expect(received[PUBLISH]).toBeGreaterThanOrEqual(OPERATIONS);
    expect(mostUnderWay()).toBe(1);
  });
});

describe("taking a PUBACK allocates nothing", () => {
  it.each([
    ["that there are no subscribers", 0x10],
    ["that the server's quota is exceeded", 0x97],
  ])("that says %s", async (_title, reasonCode) => {
    const answer = acknowledging({ reasonCode });
    const { steady, reports } = await allocations("v5/publish", { answer, arguments: ["1", "no"] });
    expect(steady).toEqual(NOTHING);
    expect(reports.get("acknowledged")).toEqual([OPERATIONS * reasonCode, 0]);
  });

  it("that has properties, which are read", async () => {
    const properties: Property[] = [["reasonString", "nobody is there"], ["userProperty", ["unit", "C"]]];
    const answer = acknowledging({ reasonCode: 0x10, properties });
    const { steady, reports } = await allocations("v5/publish", { answer, arguments: ["1", "no"] });
    expect(steady).toEqual(NOTHING);
    expect(reports.get("acknowledged")).toEqual([OPERATIONS * 0x10, OPERATIONS * ("nobody is there".length + "C".length)]);
  });
});

/** Arguments of the program that receives. */
const receiving = ({ aliases = 0, receiveMaximum = 64 }): SessionOptions => ({ arguments: [String(aliases), String(receiveMaximum)] });

describe("receiving, and routing to a handler for each kind of filter, allocates nothing", () => {
  const MESSAGES = { topic: TOPIC, payload: "a".repeat(32), count: OPERATIONS };
  const HANDLED = [OPERATIONS, OPERATIONS, OPERATIONS];

  it("with QoS 0", async () => {
    const { steady, reports } = await allocations("v5/receive", { ...sending({ ...MESSAGES, qos: 0 }), ...receiving({}) });
    expect(steady).toEqual(NOTHING);
    expect(reports.get("handled")).toEqual(HANDLED);
  });

  it("with QoS 1 and its PUBACK", async () => {
    const { steady, reports, received } = await allocations("v5/receive", { ...sending({ ...MESSAGES, qos: 1 }), ...receiving({}) });
    expect(steady).toEqual(NOTHING);
    expect(reports.get("handled")).toEqual(HANDLED);
    expect(received[PUBACK]).toBe(OPERATIONS);
  });

  it("with QoS 1 and a PUBACK that refuses the message", async () => {
    const refusing = { arguments: ["0", "64", String(0x99)] };
    const { steady, reports, received } = await allocations("v5/receive", { ...sending({ ...MESSAGES, qos: 1 }), ...refusing });
    expect(steady).toEqual(NOTHING);
    expect(reports.get("handled")).toEqual(HANDLED);
    expect(received[PUBACK]).toBe(OPERATIONS);
  });

  it("with QoS 2 and its PUBREC, PUBREL and PUBCOMP", async () => {
    const { steady, reports, received } = await allocations("v5/receive", { ...sending({ ...MESSAGES, qos: 2 }), ...receiving({}) });
    expect(steady).toEqual(NOTHING);
    expect(reports.get("handled")).toEqual(HANDLED);
    expect(received[PUBREC]).toBe(OPERATIONS);
    expect(received[PUBCOMP]).toBe(OPERATIONS);
  });

  it.each([1, 2] as const)("one at a time, since we take no more, with QoS %i", async (qos) => {
    const messages = sending({ ...MESSAGES, qos, window: 1 });
    const { steady, reports } = await allocations("v5/receive", { ...messages, ...receiving({ receiveMaximum: 1 }) });
    expect(steady).toEqual(NOTHING);
    expect(reports.get("handled")).toEqual(HANDLED);
  });
});

describe("receiving messages on an alias, by subscription identifiers and with properties that are read, allocates nothing", () => {
  const PROPERTIES: Property[] = [
    ["payloadFormatIndicator", 1],
    ["messageExpiryInterval", 60],
    ["contentType", "text/plain"],
    ["responseTopic", "a/b"],
    ["correlationData", "12345678"],
    ["userProperty", ["unit", "C"]],
    ["userProperty", ["unit", "F"]],
  ];
  const LENGTHS = "text/plain".length + "a/b".length + "12345678".length + 2;

  it.each([0, 1, 2] as const)("with QoS %i", async (qos) => {
    const identifiers: Property[] = [["subscriptionIdentifier", 3], ["subscriptionIdentifier", 1]];
    const properties = [...PROPERTIES, ...identifiers];
    const messages = sending({ topic: TOPIC, payload: "a".repeat(32), count: OPERATIONS, qos, properties, alias: true });
    const { steady, reports } = await allocations("v5/receive", { ...messages, ...receiving({ aliases: 2 }) });
    expect(steady).toEqual(NOTHING);
    expect(reports.get("handled")).toEqual([OPERATIONS, 0, OPERATIONS]);
    const [expiry, count, bytes] = reports.get("read") ?? [];
    expect([expiry, count]).toEqual([60 * OPERATIONS, (properties.length + 1) * OPERATIONS]);
    expect(bytes).toBeGreaterThanOrEqual(LENGTHS * OPERATIONS);
  });
});

describe("keeping alive allocates nothing", () => {
  it("with PINGREQ and PINGRESP", async () => {
    const { steady, received } = await allocations("v5/ping", { answer: acknowledging() });
    expect(steady).toEqual(NOTHING);
    expect(received[PINGREQ]).toBe(OPERATIONS);
  });
});

describe("a message of 10 kB with properties, in buffers of 512 bytes, allocates nothing", () => {
  it.each([
    ["bytes", "0"],
    ["bytes", "1"],
    ["bytes", "2"],
    ["source", "0"],
    ["source", "1"],
    ["source", "2"],
  ])("going out as %s, QoS %s", async (kind, qos) => {
    const { answer, damaged } = checking(acknowledging({ announced: [ALIASES] }));
    const { steady, received } = await allocations("v5/publish-large", { answer, arguments: [qos, kind] });
    expect(steady).toEqual(NOTHING);
    expect(received[PUBLISH]).toBeGreaterThanOrEqual(OPERATIONS);
    expect(damaged()).toBe(0);
  });

  it.each([0, 1, 2] as const)("coming in on an alias, QoS %i", async (qos) => {
    const properties: Property[] = [["messageExpiryInterval", 60], ["contentType", "text/plain"]];
    const messages = sending({ topic: TOPIC, payload: LARGE, qos, count: OPERATIONS, properties, alias: true });
    const { steady, reports } = await allocations("v5/receive-large", messages);
    expect(steady).toEqual(NOTHING);
    expect(reports.get("bad")).toEqual([0]);
    expect(reports.get("read")).toEqual([60 * OPERATIONS]);
  });
});
