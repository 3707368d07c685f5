import { describe, expect, it } from "vitest";
import type { ClientOptions } from "mqtt-xs/v5";
import type { ErrorCode } from "../../../src/errors.js";
import {
  auth,
  concat,
  connack,
  disconnect,
  hex,
  packet,
  puback,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  suback,
  unsuback,
} from "../../support/v5/packets.js";
import { connect, expectClosedBy, expectNotConnectedBy, type Fixture, messages, reconnect, start } from "./support.js";

/** What a server can get wrong, and what it must be told of it. */
interface Violation {
  readonly what: string;
  readonly bytes: Uint8Array;
  readonly code: ErrorCode;
  readonly reasonCode: number;
  readonly options?: Partial<ClientOptions>;
  readonly prepare?: (fixture: Fixture) => void;
}

function wrong(
  reasonCode: number,
  what: string,
  bytes: Uint8Array | string,
  more: Partial<Pick<Violation, "code" | "options" | "prepare">> = {},
): Violation {
  const code = reasonCode === 0x81 ? "ERR_MALFORMED_PACKET" : "ERR_PROTOCOL";
  return { what, bytes: typeof bytes === "string" ? hex(bytes) : bytes, code, reasonCode, ...more };
}

/** One QoS 2 message is under way to the client. */
const full = ({ broker }: Fixture): void => {
  broker.send(publish({ topic: "a", qos: 2, identifier: 1 }));
  broker.expectBytes(pubrec(1));
};

/** A SUBSCRIBE to two filters with `identifier` 1 is under way. */
const subscribing = ({ broker, client }: Fixture): void => {
  client.subscribe([{ filter: "a" }, { filter: "b" }]);
  broker.expect("SUBSCRIBE", { identifier: 1 });
};

/** A QoS 2 message with `identifier` 1 is under way to the server. */
const publishing = ({ broker, client }: Fixture): void => {
  client.publish("t", "", 2);
  broker.expect("PUBLISH", { identifier: 1 });
};

const VIOLATIONS: readonly Violation[] = [
  // 0x81: bytes that the standard gives no meaning.
  wrong(0x81, "a Remaining Length of five bytes", "30 ff ff ff ff 01"),
  wrong(0x81, "a Remaining Length of five bytes, the last of which are 0", "d0 80 80 80 80 00"),
  wrong(0x81, "flags of PUBACK", "41 02 00 01"),
  wrong(0x81, "flags of PUBREL", "60 02 00 01"),
  wrong(0x81, "flags of DISCONNECT", "e8 00"),
  wrong(0x81, "QoS 3", "36 06 00 01 74 00 01 00"),
  wrong(0x81, "a topic past the end of PUBLISH", "30 04 00 05 61 62"),
  wrong(0x81, "properties past the end of PUBLISH", "30 05 00 01 61 05 00"),
  wrong(0x81, "a Property Length of five bytes", "30 09 00 01 61 80 80 80 80 01 00"),
  wrong(0x81, "an unknown property", "30 06 00 01 61 02 7f 00"),
  wrong(0x81, "a property cut off by the Property Length", "30 06 00 01 61 02 02 00"),
  wrong(0x81, "a property of another packet", publish({ topic: "a", properties: [["reasonString", "x"]] })),
  wrong(0x81, "a topic that is not UTF-8", publish({ topic: hex("61 ff") })),
  wrong(0x81, "a surrogate in a topic", publish({ topic: hex("ed a0 80") })),
  wrong(0x81, "U+0000 in a property", publish({ topic: "a", properties: [["contentType", "\0"]] })),
  wrong(0x81, "PUBACK of one byte", "40 01 00", { prepare: publishing }),
  wrong(0x81, "bytes behind the properties of PUBREC", "50 05 00 01 00 00 00", { prepare: publishing }),
  wrong(0x81, "a PINGRESP with content", "d0 01 00"),
  wrong(0x81, "a SUBACK without codes", "90 03 00 01 00", { prepare: subscribing }),
  // 0x82: what the standard forbids.
  wrong(0x82, "CONNECT", "10 00"),
  wrong(0x82, "SUBSCRIBE", suback(1, 0).fill(0x82, 0, 1)),
  wrong(0x82, "UNSUBSCRIBE", unsuback(1, 0).fill(0xa2, 0, 1)),
  wrong(0x82, "PINGREQ", "c0 00"),
  wrong(0x82, "a second CONNACK", connack()),
  wrong(0x82, "identifier 0 of PUBLISH", publish({ topic: "a", qos: 1, identifier: 0 })),
  wrong(0x82, "identifier 0 of PUBREL", pubrel(0)),
  wrong(0x82, "a topic with wildcards", publish({ topic: "a/#" })),
  wrong(0x82, "neither topic nor alias", publish({ topic: "" })),
  wrong(
    0x82,
    "a property twice",
    publish({
      topic: "a",
      properties: [
        ["contentType", "x"],
        ["contentType", "x"],
      ],
    }),
  ),
  wrong(0x82, "Subscription Identifier 0", publish({ topic: "a", properties: [hex("0b 00")] })),
  wrong(0x82, "Payload Format Indicator 2", publish({ topic: "a", properties: [hex("01 02")] })),
  wrong(0x82, "a reason code that PUBACK has not", puback(1, 0x92), { prepare: publishing }),
  wrong(0x82, "a reason code that PUBCOMP has not", pubcomp(1, 0x80), { prepare: publishing }),
  wrong(0x82, "a reason code that SUBACK has not", suback(1, [0, 3]), { prepare: subscribing }),
  wrong(0x82, "fewer codes than filters", suback(1, [0]), { prepare: subscribing }),
  wrong(0x82, "an AUTH that was not asked for", auth(0x18, [["authenticationMethod", "M"]])),
  wrong(0x82, "a Session Expiry Interval of the server's", disconnect(0, [["sessionExpiryInterval", 1]])),
  wrong(0x82, "problem information that was declined", puback(1, 0, [["reasonString", "x"]]), {
    options: { requestProblemInformation: false },
    prepare: publishing,
  }),
  // What has a code of its own.
  wrong(0x93, "more messages under way than receiveMaximum", publish({ topic: "a", qos: 2, identifier: 2 }), {
    options: { receiveMaximum: 1 },
    prepare: full,
  }),
  wrong(0x93, "so with QoS 1", publish({ topic: "a", qos: 1, identifier: 2 }), { options: { receiveMaximum: 1 }, prepare: full }),
  wrong(0x94, "a topic alias that was not allowed", publish({ topic: "a", properties: [["topicAlias", 1]] })),
  wrong(0x94, "a topic alias over the maximum", publish({ topic: "a", properties: [["topicAlias", 3]] }), {
    options: { topicAliasMaximum: 2 },
  }),
  wrong(0x94, "topic alias 0", publish({ topic: "a", properties: [["topicAlias", 0]] }), { options: { topicAliasMaximum: 2 } }),
  wrong(0x95, "a packet larger than the client's maximum", publish({ topic: "a", payload: "x".repeat(40) }), {
    options: { maximumPacketSize: 40 },
  }),
  // What the client has no memory for.
  wrong(0x95, "an acknowledgement larger than packetSize", puback(1, 0, [["reasonString", "x".repeat(70)]]), {
    options: { packetSize: 64 },
    prepare: publishing,
    code: "ERR_RECEIVE_SIZE",
  }),
  wrong(0x97, "topic and properties larger than packetSize", publish({ topic: "x".repeat(70), payload: "x" }), {
    options: { packetSize: 64 },
    code: "ERR_RECEIVE_SIZE",
  }),
  wrong(
    0x97,
    "a topic with an alias larger than topicAliasSize",
    publish({ topic: "x".repeat(9), properties: [["topicAlias", 1]] }),
    {
      options: { topicAliasMaximum: 1, topicAliasSize: 8 },
      code: "ERR_RECEIVE_SIZE",
    },
  ),
];

describe("4.13.1 Malformed Packets and Protocol Errors", () => {
  for (const { what, bytes, code, reasonCode, options = {}, prepare } of VIOLATIONS) {
    it(`${what}: DISCONNECT 0x${reasonCode.toString(16)}, whole or byte by byte, and nothing after it`, () => {
      expectClosedBy(bytes, code, reasonCode, options, prepare);
    });

    it(`MQTT-4.13.2-1: ${what}: the connection is closed even if the socket takes nothing, or not enough for DISCONNECT`, () => {
      for (const room of [0, 1, 2]) {
        const fixture = connect({ ...options, reconnectPeriod: 0 });
        prepare?.(fixture);
        fixture.events.length = 0;
        fixture.broker.transport.room = room;
        fixture.broker.send(bytes);
        fixture.broker.advance(3_600_000);
        fixture.broker.expectClosed();
        expect(fixture.events).toEqual([`disconnected ${code}`]);
      }
    });
  }

  it("what the client wrote before is not overtaken by its DISCONNECT, nor cut off by it", () => {
    const { broker, client, events } = connect({ reconnectPeriod: 0 });
    broker.transport.room = 0;
    client.publish("t", "written before");
    broker.transport.room = Infinity;
    broker.send("41 02 00 01");
    broker.expect("PUBLISH", { payload: "written before" });
    broker.expectBytes("e0 01 81");
    broker.expectClosed();
    expect(events).toEqual(["disconnected ERR_MALFORMED_PACKET"]);
  });

  it("acknowledgements of what came before are sent, of what comes behind not", () => {
    const { broker, events } = connect({ reconnectPeriod: 0 });
    broker.sendTogether(
      publish({ topic: "a", qos: 1, identifier: 7 }),
      publish({ topic: "a", qos: 2, identifier: 8 }),
      hex("41 02 00 01"),
      publish({ topic: "a", qos: 1, identifier: 9 }),
    );
    broker.expectBytes(concat(puback(7), pubrec(8), disconnect(0x81)));
    broker.expectClosed();
    expect(events).toEqual(["message a: ", "message a: ", "disconnected ERR_MALFORMED_PACKET"]);
  });

  it("in the midst of a message that goes out in pieces there is no DISCONNECT, and the connection is closed at once", () => {
    const { broker, client, events } = connect({ packetSize: 64, reconnectPeriod: 0 });
    broker.transport.room = 200;
    client.publish("t", new Uint8Array(1_000), 1);
    broker.transport.takeSent();
    broker.transport.room = Infinity;
    broker.send("41 02 00 01");
    broker.expectClosed();
    expect(events).toEqual(["disconnected ERR_MALFORMED_PACKET"]);
  });

  it("in the midst of a message that comes in in pieces there is one, and the message is never finished", () => {
    const { broker, events } = connect({
      packetSize: 64,
      reconnectPeriod: 0,
      onMessage: ({ offset, length, total }) => events.push(offset + length === total ? "last piece" : "piece"),
    });
    const violation = publish({ topic: "a", payload: "x".repeat(200), properties: [["topicAlias", 1]] });
    broker.send(violation.slice(0, 100));
    broker.expectBytes("e0 01 94");
    broker.expectClosed();
    expect(events).toEqual(["disconnected ERR_PROTOCOL"]);
  });

  it("after a violation the client closes that connection only, and makes another one, which nothing is left over in", () => {
    const fixture = connect();
    const { broker, client, events } = fixture;
    broker.sendTogether(hex("c0 00"), publish({ topic: "t", payload: "lost" }));
    broker.expectBytes("e0 01 82");
    broker.expectClosed();
    expect(client.connected).toBe(false);
    reconnect(fixture);
    broker.expectNothing();
    expect(client.connected).toBe(true);
    broker.send("30 0a 00 03 61"); // cut off
    reconnect(fixture);
    broker.send(publish({ topic: "t", payload: "y" }));
    expect(messages({ events })).toEqual(["message t: y"]);
    broker.expectNothing();
  });

  it("the error says whose fault it is, with the reason code that went out", () => {
    const ends: unknown[] = [];
    const { broker } = start({ packetSize: 64, onDisconnect: (error) => ends.push([error?.fault, error?.reasonCode]) });
    for (const violation of [
      hex("41 02 00 01"),
      hex("c0 00"),
      publish({ topic: "x".repeat(70) }),
      publish({ topic: "", properties: [["topicAlias", 1]] }),
    ]) {
      broker.acceptConnection();
      broker.send(violation);
      const { reasonCode } = broker.expect("DISCONNECT");
      expect((ends.at(-1) as unknown[])[1] || reasonCode).toBe(reasonCode);
      broker.advance(0);
    }
    broker.acceptConnection();
    broker.drop();
    expect(ends.map((end) => (end as unknown[])[0])).toEqual(["server", "server", "resources", "server", "network"]);
  });
});

describe("4.13.1 errors before CONNACK", () => {
  const BEFORE: readonly (readonly [what: string, bytes: Uint8Array | string, code: ErrorCode, reasonCode: number])[] = [
    ["a Remaining Length of five bytes", "20 ff ff ff ff 01", "ERR_MALFORMED_PACKET", 0x81],
    ["flags of CONNACK", "21 03 00 00 00", "ERR_MALFORMED_PACKET", 0x81],
    ["reserved Connect Acknowledge Flags", "20 03 02 00 00", "ERR_MALFORMED_PACKET", 0x81],
    ["properties past the end", "20 03 00 00 01", "ERR_MALFORMED_PACKET", 0x81],
    ["a property that is not CONNACK's", connack({ properties: [["topicAlias", 1]] }), "ERR_MALFORMED_PACKET", 0x81],
    ["a property twice", connack({ properties: [["receiveMaximum", 1], ["receiveMaximum", 1]] }), "ERR_PROTOCOL", 0x82],
    ["Receive Maximum 0", connack({ properties: [["receiveMaximum", 0]] }), "ERR_PROTOCOL", 0x82],
    ["a reason code that CONNACK has not", connack({ reasonCode: 0x01 }), "ERR_PROTOCOL", 0x82],
    ["PUBLISH", publish({ topic: "a" }), "ERR_PROTOCOL", 0x82],
    ["PUBACK", puback(1), "ERR_PROTOCOL", 0x82],
    ["SUBACK", suback(1, 0), "ERR_PROTOCOL", 0x82],
    ["DISCONNECT", disconnect(0x8b), "ERR_PROTOCOL", 0x82],
  ];
  for (const [what, bytes, code, reasonCode] of BEFORE) {
    it(`${what}: DISCONNECT 0x${reasonCode.toString(16)}, and nothing after it`, () => {
      expectNotConnectedBy(bytes, code, reasonCode, { clientId: "c" });
    });

    it(`MQTT-4.13.2-1: ${what}: the connection is closed even if the socket takes nothing`, () => {
      const { broker, events } = start({ clientId: "c", reconnectPeriod: 0 });
      broker.transport.accept();
      broker.expect("CONNECT");
      broker.transport.room = 0;
      broker.send(bytes);
      broker.expectClosed();
      broker.advance(3_600_000);
      broker.expectClosed();
      expect(events).toEqual([`disconnected ${code}`]);
    });
  }
});

describe("4.13.2 Other errors", () => {
  const REFUSALS = [
    0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8c, 0x90, 0x95, 0x97, 0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9f,
  ];

  it("MQTT-4.13.2-1: a CONNACK from 0x80 on closes the connection, without another packet, in any case", () => {
    for (const reasonCode of REFUSALS) {
      expectNotConnectedBy(connack({ reasonCode }), "ERR_CONNECTION_REFUSED", undefined);
      const { broker, events } = start({ reconnectPeriod: 0 });
      broker.transport.accept();
      broker.expect("CONNECT");
      broker.transport.room = 0;
      broker.send(connack({ reasonCode }));
      broker.expectClosed();
      expect(events).toEqual(["disconnected ERR_CONNECTION_REFUSED"]);
    }
  });

  it("MQTT-4.13.2-1: close() with a code from 0x80 on closes, whether DISCONNECT gets out, waits for room, or has none", () => {
    for (const room of [Infinity, 0]) {
      const { broker, client, events } = connect();
      broker.transport.room = room;
      client.close(0x83);
      if (room > 0) broker.expectBytes("e0 01 83");
      broker.advance(60_000);
      broker.expectClosed();
      expect(events).toEqual(["disconnected"]);
    }
  });

  it("4.13.2: acknowledgements from 0x80 on close nothing, and have no consequence for other packets", () => {
    const { broker, client, events } = connect();
    client.publish("t", "", 1);
    client.publish("t", "", 2);
    client.publish("t", "", 2);
    client.subscribe({ filter: "a" });
    client.unsubscribe("b");
    broker.transport.takeSent();
    broker.sendTogether(pubrec(3), puback(1, 0x97), pubrec(2, 0x87), suback(4, 0x80), unsuback(5, 0x80));
    broker.expectBytes(pubrel(3));
    broker.sendTogether(pubcomp(3, 0x92));
    broker.expectNothing();
    broker.expectOpen();
    expect(events.slice(0, 2)).toEqual(["delivered 1 0x97", "delivered 2 0x87"]);
    expect(events.filter((event) => event === "error ERR_SUBSCRIPTION_REFUSED")).toHaveLength(2);
    expect(client.inflight).toBe(0);
  });

  it("MQTT-4.13.2-1: of several errors in a packet one is enough", () => {
    const { broker } = connect({ reconnectPeriod: 0 });
    broker.send(packet(0x36, hex("00 02 ff 23 00 00 05 7f")));
    const { reasonCode } = broker.expect("DISCONNECT");
    expect([0x81, 0x82]).toContain(reasonCode);
    broker.expectClosed();
  });
});
