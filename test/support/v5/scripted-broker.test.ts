import { beforeEach, describe, expect, it } from "vitest";
import { RecordingListener } from "../recording-listener.js";
import { concat, disconnect, hex, mqttString, packet, properties, puback, publish, toHex, uint16 } from "./packets.js";
import { ASSIGNED_CLIENT_IDENTIFIER, ScriptedBroker5 } from "./scripted-broker.js";

let broker: ScriptedBroker5;

beforeEach(() => {
  broker = new ScriptedBroker5();
});

function write(bytes: Uint8Array): void {
  const source = new Uint8Array(new ArrayBuffer(256, { maxByteLength: 256 }));
  source.set(bytes);
  broker.transport.write(source, bytes.length);
}

/** Opens the connection; `bytes` are what the client writes then. */
function clientSends(...bytes: readonly Uint8Array[]): void {
  broker.transport.open(new RecordingListener());
  broker.transport.accept();
  write(concat(...bytes));
}

/** A listener that sends CONNECT with this Client Identifier as soon as the connection is open, and all that it was sent. */
function connecting(clientId: string): () => string {
  const listener = new RecordingListener();
  const received: number[] = [];
  listener.then = (call) => {
    if (call === "onOpen") write(packet(0x10, mqttString("MQTT"), hex("05 02 00 00 00"), mqttString(clientId)));
    if (call === "onReadable") received.push(...readAll());
  };
  broker.transport.open(listener);
  return () => toHex(Uint8Array.from(received));
}

function readAll(): Uint8Array {
  const target = new Uint8Array(256);
  return target.slice(0, broker.transport.read(target, 0, target.length));
}

describe("the scripted broker of MQTT 5.0", () => {
  const message = publish({
    topic: "t",
    payload: "hi",
    qos: 1,
    identifier: 7,
    properties: [
      ["contentType", "text"],
      ["correlationData", hex("ff")],
      ["userProperty", ["a", "1"]],
      ["userProperty", ["a", "2"]],
    ],
  });

  it("passes when the client's packet has the expected fields and properties, and takes it", () => {
    clientSends(message, disconnect(0x04));
    const found = broker.expect("PUBLISH", {
      topic: "t",
      payload: "hi",
      properties: {
        contentType: "text",
        correlationData: hex("ff"),
        topicAlias: undefined,
        userProperties: [
          ["a", "1"],
          ["a", "2"],
        ],
      },
    });
    expect(found.bytes).toEqual(message);
    broker.expect("DISCONNECT", { reasonCode: 4 });
    broker.expectNothing();
  });

  it.each<[string, () => void]>([
    ["another value", () => broker.expect("PUBLISH", { properties: { contentType: "json" } })],
    ["other bytes", () => broker.expect("PUBLISH", { properties: { correlationData: hex("fe") } })],
    ["bytes as text", () => broker.expect("PUBLISH", { properties: { correlationData: "x" } })],
    ["a property that is not there", () => broker.expect("PUBLISH", { properties: { topicAlias: 1 } })],
    ["bytes that are not there", () => broker.expect("PUBLISH", { properties: { responseTopic: "t" } })],
    ["no such property", () => broker.expect("PUBLISH", { properties: { contentType: undefined } })],
    ["pairs in another order", () => broker.expect("PUBLISH", { properties: { userProperties: [["a", "2"], ["a", "1"]] } })],
    ["fewer pairs", () => broker.expect("PUBLISH", { properties: { userProperties: [["a", "1"]] } })],
    // @ts-expect-error: no client sends a Subscription Identifier in PUBLISH, which is told before the test runs
    ["a property of another packet", () => broker.expect("PUBLISH", { properties: { subscriptionIdentifier: 1 } })],
  ])("fails with %s", (_what, expectation) => {
    clientSends(message);
    expect(expectation).toThrow("Expected values to be strictly deep-equal");
  });

  it("takes bytes in the place of text, where bytes are", () => {
    clientSends(publish({ topic: "t", properties: [["correlationData", "id"]] }));
    broker.expect("PUBLISH", { properties: { correlationData: "id" } });
  });

  it("compares what a subscription asks for", () => {
    clientSends(packet(0x82, uint16(1), properties([]), mqttString("a"), hex("05"), mqttString("b"), hex("2a")));
    broker.expect("SUBSCRIBE", {
      subscriptions: [
        { topicFilter: "a", qos: 1, noLocal: true },
        { topicFilter: "b", qos: 2, retainAsPublished: true, retainHandling: 2 },
      ],
    });
  });

  it("fails where the client breaks the standard, saying how", () => {
    clientSends(puback(1, 0x10));
    expect(() => broker.expect("PUBACK")).toThrow("a client may not send PUBACK with reason code 0x10");
  });

  it("names what the client has sent instead", () => {
    clientSends(puback(1), disconnect());
    expect(() => broker.expectNothing()).toThrow("nothing expected: the client has sent PUBACK, DISCONNECT (40 02 00 01 e0 00)");
    expect(broker.takePackets().map(({ type }) => type)).toEqual(["PUBACK", "DISCONNECT"]);
    broker.expectNothing();
  });
});

describe("accepting a connection", () => {
  it("answers with the fields of CONNACK that are given", () => {
    const received = connecting("c");
    const connect = broker.acceptConnection({ sessionPresent: true, properties: [["receiveMaximum", 5]] });
    expect(connect).toMatchObject({ clientId: "c", cleanStart: true, properties: {} });
    expect(received()).toBe("20 06 01 00 03 21 00 05");
  });

  it("gives a client without a Client Identifier one, beside the other properties", () => {
    const received = connecting("");
    broker.acceptConnection({ properties: [["receiveMaximum", 5]] });
    expect(ASSIGNED_CLIENT_IDENTIFIER).toBe("assigned");
    expect(received()).toBe("20 11 00 00 0e 12 00 08 61 73 73 69 67 6e 65 64 21 00 05");
  });

  it.each([
    ["it refuses the client", { reasonCode: 0x85 }, "20 03 00 85 00"],
    ["another one is given", { properties: [["assignedClientIdentifier", "x"]] }, "20 07 00 00 04 12 00 01 78"],
    ["the properties are bytes", { properties: hex("00") }, "20 03 00 00 00"],
  ] as const)("gives none where %s", (_when, answer, bytes) => {
    const received = connecting("");
    broker.acceptConnection(answer);
    expect(received()).toBe(bytes);
  });
});
