import { describe, expect, it } from "vitest";
import type { ReceivedProperties } from "../../hosts/start/reading-properties.js";
import { Sequence } from "../../hosts/start/sequence.js";
import { judge } from "../../hosts/start/witness.js";

const reading = (sequence: number, more = ""): Uint8Array =>
  new TextEncoder().encode(`{"sequence":${sequence},"temperature":21.50,"humidity":48.0,"battery":4.100${more}}`);

describe("sequence numbers", () => {
  it("are new once each, in any order", () => {
    const sequence = new Sequence();
    expect([1, 2, 5, 2, 5, 4, 4, 3, 3].map((number) => sequence.isNew(number))).toEqual([
      true, true, true, false, false, true, false, true, false,
    ]);
  });
});

describe("the witness", () => {
  it("counts a reading once", () => {
    const sequence = new Sequence();
    expect(judge(reading(1), 0, sequence)).toEqual({ type: "received", sequence: 1 });
    expect(judge(reading(1), 0, sequence)).toEqual({ type: "repeated", sequence: 1 });
  });

  it("insists on the size that was asked for", () => {
    expect(judge(reading(1, `,"padding":"${" ".repeat(100)}"`), 128, new Sequence())).toEqual({
      type: "corrupted",
      reason: "a reading of 179 bytes instead of 128",
    });
  });

  it.each(['{"sequence":1', "null", "{}", '{"sequence":1}', '{"sequence":"1","temperature":1,"humidity":1,"battery":1}'])(
    "refuses %j",
    (text) => {
      const event = judge(new TextEncoder().encode(text), 0, new Sequence());
      expect(event).toEqual({ type: "corrupted", reason: "a reading that is not the JSON it should be" });
    },
  );

  it("takes any properties over MQTT 3.1.1, which has none", () => {
    expect(judge(reading(1), 0, new Sequence(), undefined)).toEqual({ type: "received", sequence: 1 });
  });
});

describe("the witness over MQTT 5.0", () => {
  const PROPERTIES: ReceivedProperties = {
    payloadFormatIndicator: true,
    messageExpiryInterval: 86_399,
    contentType: "application/json",
    userProperties: { temperature: "°C", humidity: "%", battery: "V", memory: "B" },
  };

  it("says what a reading came with", () => {
    expect(judge(reading(1), 0, new Sequence(), PROPERTIES)).toEqual({
      type: "received",
      sequence: 1,
      properties: "application/json, temperature in °C, humidity in %, battery in V, memory in B, worth delivering for 86,399 s",
    });
  });

  it.each<[string, ReceivedProperties]>([
    ["content type undefined instead of application/json", {}],
    ["content type text/plain instead of application/json", { ...PROPERTIES, contentType: "text/plain" }],
    ["no word of being text", { ...PROPERTIES, payloadFormatIndicator: false }],
    ["an expiry of 0 s", { ...PROPERTIES, messageExpiryInterval: 0 }],
    ["an expiry of 86401 s", { ...PROPERTIES, messageExpiryInterval: 86_401 }],
    ["temperature in undefined instead of °C", { ...PROPERTIES, userProperties: {} }],
    ["battery in % instead of V", { ...PROPERTIES, userProperties: { temperature: "°C", humidity: "%", battery: "%" } }],
  ])("refuses a reading with %s", (fault, properties) => {
    expect(judge(reading(1), 0, new Sequence(), properties)).toEqual({ type: "corrupted", reason: `a reading with ${fault}` });
  });
});
