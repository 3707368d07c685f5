import { describe, expect, it } from "vitest";
import { WOULD_BLOCK } from "mqtt-xs";
import { Properties, type ClientOptions, type GivenProperties } from "mqtt-xs/v5";
import {
  disconnect,
  packet,
  puback,
  publish,
  pubrec,
  type Form,
  type PropertyList,
} from "../../support/v5/packets.js";
import { namesOf, PROPERTY_NAMES } from "../../support/v5/property-table.js";
import { CLIENT_REASON_CODES } from "../../support/v5/reason-codes.js";
import { sampleProperty } from "../../v5/sample-property.js";
import { connect, expectClosedBy, expectNotConnectedBy, expectRefused, PERSISTENT, start } from "./support.js";

/** Table 3-10: what the server may send. */
const FROM_SERVER = [
  0x00, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8b, 0x8d, 0x8e, 0x8f, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9a, 0x9b,
  0x9c, 0x9d, 0x9e, 0x9f, 0xa0, 0xa1, 0xa2,
];

/** In 2.4 the server may send it, in 3.14.2.1 it may not. */
const BAD_AUTHENTICATION_METHOD = 0x8c;

const FROM_CLIENT: readonly number[] = CLIENT_REASON_CODES.DISCONNECT;

const inHexadecimal = (code: number): string => `0x${code.toString(16).padStart(2, "0")}`;

describe("3.14 DISCONNECT from the server", () => {
  for (const code of [...FROM_SERVER, BAD_AUTHENTICATION_METHOD])
    it(`closes on ${inHexadecimal(code)} without a DISCONNECT of its own, in every form, and says so`, () => {
      const longer: PropertyList = [["reasonString", "why"], ["userProperty", ["a", "b"]], ["serverReference", "there"]];
      const forms = [disconnect(code), packet(0xe0, Uint8Array.of(code)), disconnect(code, [], "long"), disconnect(code, longer)];
      for (const bytes of forms) expectClosedBy(bytes, "ERR_DISCONNECTED", undefined);
    });

  it("the error has the reason code, the properties are there during the call, and a reconnect follows", () => {
    const ends: unknown[] = [];
    const { broker } = connect({
      onDisconnect: (error, properties) => {
        const { code, fault, reasonCode } = error ?? {};
        const names = ["serverReference", "reasonString", "userProperties"] as const;
        ends.push([code, fault, reasonCode, ...names.map((name) => properties.get(name))]);
      },
    });
    broker.send(disconnect(0x9d, [["userProperty", ["a", "1"]], ["reasonString", "é"], ["serverReference", "host:1883"]]));
    broker.advance(0);
    broker.acceptConnection({ properties: [["reasonString", "of CONNACK"]] });
    broker.send(disconnect(0x8b));
    broker.advance(0);
    broker.acceptConnection();
    broker.send(publish({ topic: "a", properties: [["userProperty", ["of", "a message"]]] }));
    broker.send("e0 00");
    broker.advance(0);
    broker.acceptConnection({ properties: [["reasonString", "of CONNACK"]] });
    broker.drop();
    expect(ends).toEqual([
      ["ERR_DISCONNECTED", "server", 0x9d, "host:1883", "é", [["a", "1"]]],
      ["ERR_DISCONNECTED", "server", 0x8b, undefined, undefined, undefined],
      ["ERR_DISCONNECTED", "server", 0x00, undefined, undefined, undefined],
      ["ERR_CONNECTION_CLOSED", "network", 0, undefined, undefined, undefined],
    ]);
  });

  it("what the client had ready to send is not sent after it", () => {
    const { broker, client, events } = connect({ reconnectPeriod: 0 });
    broker.transport.room = 0;
    client.publish("t", "");
    client.publish("t", "", 1);
    broker.sendTogether(publish({ topic: "a", qos: 1, identifier: 1 }), disconnect(0x8b));
    broker.expectClosed();
    expect(events.at(-1)).toBe("disconnected ERR_DISCONNECTED");
  });

  it("what came before it has its effect, also when it came in the same piece", () => {
    const { broker, client, events } = connect();
    client.publish("t", "", 1);
    broker.transport.takeSent();
    broker.sendTogether(publish({ topic: "a", payload: "x" }), puback(1), disconnect());
    expect(events).toEqual(["message a: x", "delivered 1", "disconnected ERR_DISCONNECTED"]);
    expect(client.inflight).toBe(0);
  });

  it("it ends a connection in the midst of a message that is sent in pieces", () => {
    const { broker, client, events } = connect({ packetSize: 64, reconnectPeriod: 0 });
    broker.transport.room = 200;
    client.publish("t", new Uint8Array(1_000), 1);
    broker.transport.takeSent();
    broker.send(disconnect(0x97));
    broker.expectClosed();
    expect(events).toEqual(["disconnected ERR_DISCONNECTED"]);
  });

  it("it ends a connection on which the client's own DISCONNECT waits for room, which counts as closed", () => {
    const { broker, client, events } = connect();
    broker.transport.room = 0;
    client.close();
    broker.send(disconnect(0x8b));
    broker.drop();
    expect(events).toEqual(["disconnected"]);
    broker.advance(3_600_000);
    expect(broker.transport.opens).toBe(1);
  });

  it("MQTT-3.14.0-1: closes on one before CONNACK, with any code, and reports that it was out of order", () => {
    for (const code of FROM_SERVER)
      for (const form of ["short", "long"] as readonly Form[])
        expectNotConnectedBy(disconnect(code, [], form), "ERR_PROTOCOL", 0x82);
    expectNotConnectedBy(disconnect(0x9c, [["serverReference", "there"]]), "ERR_PROTOCOL", 0x82);
  });

  it("MQTT-3.14.1-1: closes on flags that are not 0 by a DISCONNECT with 0x81, before CONNACK too", () => {
    for (let flags = 1; flags < 16; flags++) {
      expectClosedBy(packet(0xe0 | flags), "ERR_MALFORMED_PACKET", 0x81);
      expectClosedBy(packet(0xe0 | flags, Uint8Array.of(0x8b, 0)), "ERR_MALFORMED_PACKET", 0x81);
      expectNotConnectedBy(packet(0xe0 | flags), "ERR_MALFORMED_PACKET", 0x81);
    }
  });

  it("MQTT-3.14.2-1: closes on every code that is not the server's by a DISCONNECT with 0x82", () => {
    for (let code = 0; code < 256; code++) {
      if (FROM_SERVER.includes(code) || code === BAD_AUTHENTICATION_METHOD) continue;
      expectClosedBy(disconnect(code), "ERR_PROTOCOL", 0x82);
      expectClosedBy(disconnect(code, [["reasonString", "why"]]), "ERR_PROTOCOL", 0x82);
    }
  });

  it("MQTT-3.14.2-2: closes on a Session Expiry Interval by a DISCONNECT with 0x82, whatever its value and place", () => {
    for (const seconds of [0, 1, 0xffffffff]) {
      expectClosedBy(disconnect(0x00, [["sessionExpiryInterval", seconds]]), "ERR_PROTOCOL", 0x82);
      const beside: PropertyList = [["reasonString", "a"], ["sessionExpiryInterval", seconds], ["serverReference", "b"]];
      expectClosedBy(disconnect(0x9c, beside), "ERR_PROTOCOL", 0x82, PERSISTENT);
    }
  });

  for (const name of PROPERTY_NAMES) {
    if (namesOf("server", "DISCONNECT").includes(name) || name === "sessionExpiryInterval") continue;
    it(`3.14.2.2: closes on ${name}, which does not belong there`, () => {
      expectClosedBy(disconnect(0x8b, [sampleProperty(name)]), "ERR_MALFORMED_PACKET", 0x81);
    });
  }

  it("3.14.2.2: closes on a second Reason String or Server Reference, but not on a second User Property", () => {
    for (const name of ["reasonString", "serverReference"] as const)
      expectClosedBy(disconnect(0x9c, [sampleProperty(name), sampleProperty(name)]), "ERR_PROTOCOL", 0x82);
    const pairs: PropertyList = [["userProperty", ["a", "b"]], ["userProperty", ["a", "b"]]];
    expectClosedBy(disconnect(0x9c, pairs), "ERR_DISCONNECTED", undefined);
  });

  it("3.14.2: closes by 0x81 where there is more or less than properties", () => {
    for (const rest of [
      [0, 0],
      [1],
      [2, 0x1f, 0],
      [3, 0x1f, 0, 1],
      [4, 0x1f, 0, 1, 0x61, 0],
      [0x80],
      [0x80, 0x80, 0x80, 0x80, 0],
    ])
      expectClosedBy(packet(0xe0, Uint8Array.of(0x8b, ...rest)), "ERR_MALFORMED_PACKET", 0x81);
  });

  it("3.1.2.11.7: it may explain itself although problem information was declined", () => {
    const options = { requestProblemInformation: false };
    const list: PropertyList = [["reasonString", "why"], ["userProperty", ["a", "b"]]];
    expectClosedBy(disconnect(0x8b, list), "ERR_DISCONNECTED", undefined, options);
  });

  for (const [name, overhead] of [["reasonString", 7], ["userProperty", 9]] as const) {
    const ofSize = (size: number): Uint8Array => {
      const text = "x".repeat(size - overhead);
      const bytes = disconnect(0x8b, [name === "reasonString" ? [name, text] : [name, ["", text]]]);
      expect(bytes).toHaveLength(size);
      return bytes;
    };

    it(`MQTT-3.14.2-3, MQTT-3.14.2-4: closes by 0x95 on one that ${name} makes larger than the client takes`, () => {
      for (const size of [59, 60]) expectClosedBy(ofSize(size), "ERR_DISCONNECTED", undefined, { maximumPacketSize: 60 });
      for (const size of [61, 100]) expectClosedBy(ofSize(size), "ERR_PROTOCOL", 0x95, { maximumPacketSize: 60 });
    });

    it(`MQTT-3.14.2-3, MQTT-3.14.2-4: leaves ${name} out where it would be too large for the server, only there`, () => {
      for (let maximum = 12; maximum <= 90; maximum += 3)
        for (let length = 0; length <= 90; length++) {
          const text = "x".repeat(length);
          const { broker, client } = connect({}, {}, { properties: [["maximumPacketSize", maximum]] });
          client.close(0x98, new Properties(name === "reasonString" ? { reasonString: text } : { userProperties: { "": text } }));
          const { bytes, properties } = broker.expect("DISCONNECT", { reasonCode: 0x98 });
          expect(bytes.length).toBeLessThanOrEqual(maximum);
          if (length + overhead > maximum) expect(bytes).toEqual(disconnect(0x98));
          if (length + overhead < maximum - 10) expect(properties).not.toEqual({});
          broker.expectClosed();
        }
    });

    it(`MQTT-3.14.2-3, MQTT-3.14.2-4: keeps the Session Expiry Interval when ${name} is left out`, () => {
      const text = "x".repeat(60);
      const { broker, client } = connect(PERSISTENT, {}, { properties: [["maximumPacketSize", 40]] });
      const list = name === "reasonString" ? { reasonString: text } : { userProperties: { "": text } };
      client.close(0x04, new Properties({ sessionExpiryInterval: 77, ...list }));
      broker.expectBytes(disconnect(0x04, [["sessionExpiryInterval", 77]]));
      broker.expectClosed();
    });
  }
});

describe("3.14 DISCONNECT from the client", () => {
  it("MQTT-3.14.1-1: DISCONNECT is two bytes, its flags 0, where there is nothing to say", () => {
    const act: readonly ((client: ReturnType<typeof connect>["client"]) => void)[] = [
      (client) => client.close(),
      (client) => client.close(0),
      (client) => client.close(0, undefined),
      (client) => client.close(0, new Properties({})),
    ];
    for (const close of act) {
      const { broker, client } = connect();
      close(client);
      broker.expectBytes("e0 00");
      broker.expectClosed();
    }
  });

  for (const code of FROM_CLIENT)
    it(`MQTT-3.14.2-1: ${inHexadecimal(code)} is sent in its shortest form`, () => {
      const { broker, client, events } = connect();
      client.close(code);
      broker.expectBytes(code === 0 ? "e0 00" : Uint8Array.of(0xe0, 1, code));
      broker.expectClosed();
      broker.advance(3_600_000);
      broker.expectClosed();
      expect(events).toEqual(["disconnected"]);
      expect(broker.transport.opens).toBe(1);
    });

  it("MQTT-3.14.2-1: every other code is refused at the call, connected or not, and the connection stays", () => {
    for (const isConnected of [true, false])
      for (const code of [...Array(300).keys(), -1, NaN, Infinity, 4.5]) {
        if (FROM_CLIENT.includes(code)) continue;
        const { broker, client, events } = isConnected ? connect() : start();
        expectRefused(() => client.close(code), "ERR_ARGUMENT", "reasonCode");
        broker.expectNothing();
        expect(client.connected).toBe(isConnected);
        expect(events).toEqual([]);
      }
  });

  it("3.14.2.2: properties are sent as they were given, behind a code that is 0 too", () => {
    const { broker, client } = connect(PERSISTENT);
    client.close(0, new Properties({ sessionExpiryInterval: 0x01020304 }));
    broker.expectBytes("e0 07 00 05 11 01 02 03 04");
    broker.expectClosed();
    const other = connect();
    other.client.close(0x04, new Properties({ reasonString: "é", userProperties: [["a", "1"], ["a", "2"]] }));
    const list: PropertyList = [["reasonString", "é"], ["userProperty", ["a", "1"]], ["userProperty", ["a", "2"]]];
    other.broker.expectBytes(disconnect(0x04, list));
    other.broker.expectClosed();
  });

  it("3.14.2.2: properties of 127 and of 128 bytes, where their length takes another byte", () => {
    for (const size of [127, 128]) {
      const { broker, client } = connect();
      const reasonString = "x".repeat(size - 3);
      client.close(0x80, new Properties({ reasonString }));
      broker.expectBytes(disconnect(0x80, [["reasonString", reasonString]]));
      broker.expectClosed();
    }
  });

  const MISPLACED: readonly GivenProperties[] = [
    { subscriptionIdentifier: 7 },
    { willDelayInterval: 1 },
    { contentType: "a" },
    { responseTopic: "a" },
    { reasonString: "a", messageExpiryInterval: 1 },
  ];
  for (const given of MISPLACED)
    it(`3.14.2.2: ${Object.keys(given).join(" and ")} do not belong there, and the connection stays`, () => {
      const { broker, client } = connect();
      expectRefused(() => client.close(0, new Properties(given)), "ERR_ARGUMENT", "properties");
      broker.expectNothing();
      expect(client.connected).toBe(true);
    });

  it("what does not fit packetSize is refused at the call, and the connection stays", () => {
    const { broker, client } = connect({ packetSize: 64 });
    expectRefused(() => client.close(0, new Properties({ reasonString: "x".repeat(70) })), "ERR_PACKET_SIZE");
    broker.expectNothing();
    expect(client.connected).toBe(true);
    client.close();
    broker.expectBytes("e0 00");
  });
});

describe("3.14.2.2.2 Session Expiry Interval", () => {
  const ZERO: readonly Partial<ClientOptions>[] = [
    {},
    { clean: true },
    { clean: true, sessionExpiryInterval: 0 },
    { ...PERSISTENT, sessionExpiryInterval: 0 },
  ];
  for (const options of ZERO)
    it(`was 0 in CONNECT with ${JSON.stringify(options)}, so that none but 0 may be sent, whatever the server made of it`, () => {
      for (const seconds of [1, 0xffffffff]) {
        const { broker, client } = connect(options, {}, { properties: [["sessionExpiryInterval", 100]] });
        const properties = new Properties({ sessionExpiryInterval: seconds });
        expectRefused(() => client.close(0, properties), "ERR_ARGUMENT", "sessionExpiryInterval");
        broker.expectNothing();
        expect(client.connected).toBe(true);
        client.close(0, new Properties({ sessionExpiryInterval: 0 }));
        broker.expectBytes("e0 07 00 05 11 00 00 00 00");
        broker.expectClosed();
      }
    });

  const LASTING: readonly Partial<ClientOptions>[] = [
    PERSISTENT,
    { ...PERSISTENT, sessionExpiryInterval: 1 },
    { clean: true, sessionExpiryInterval: 0xffffffff },
  ];
  for (const options of LASTING)
    it(`was not 0 in CONNECT with ${JSON.stringify(options)}, so that any may be sent, whatever the server made of it`, () => {
      for (const seconds of [0, 1, 0xffffffff]) {
        const { broker, client } = connect(options, {}, { properties: [["sessionExpiryInterval", 0]] });
        client.close(0, new Properties({ sessionExpiryInterval: seconds }));
        broker.expectBytes(disconnect(0, [["sessionExpiryInterval", seconds]]));
        broker.expectClosed();
      }
    });

  it("it tells how long the session is resumed, for this one end of the connection", () => {
    const { broker, client } = connect(PERSISTENT);
    const reopenAfter = (milliseconds: number, cleanStart: boolean): void => {
      broker.advance(milliseconds);
      client.connect();
      broker.transport.accept();
      broker.expect("CONNECT", { cleanStart, properties: { sessionExpiryInterval: 0xffffffff } });
      broker.send(cleanStart ? "20 03 00 00 00" : "20 03 01 00 00");
    };
    const close = (seconds?: number): void => {
      client.close(0, seconds === undefined ? undefined : new Properties({ sessionExpiryInterval: seconds }));
      broker.expect("DISCONNECT");
      broker.expectClosed();
    };
    close(5);
    reopenAfter(4_000, false);
    close(5);
    reopenAfter(5_000, true);
    close(0);
    reopenAfter(0, true);
    close();
    reopenAfter(3_600_000, false);
  });
});

describe("3.14.4 DISCONNECT Actions", () => {
  it("MQTT-3.14.4-2: the client closes the connection after DISCONNECT, and opens no other", () => {
    const { broker, client, events } = connect();
    client.close(0x04);
    broker.expect("DISCONNECT", { reasonCode: 0x04 });
    broker.expectClosed();
    broker.advance(3_600_000);
    expect(broker.transport.opens).toBe(1);
    expect(broker.clock.armed).toBe(0);
    expect(events).toEqual(["disconnected"]);
    expect(client.connected).toBe(false);
  });

  it("MQTT-3.14.4-2: DISCONNECT waits for room, as it was asked for first, then the connection is closed", () => {
    const { broker, client, events } = connect();
    broker.transport.room = 0;
    client.close(0x04, new Properties({ reasonString: "first" }));
    client.close(0x80, new Properties({ reasonString: "second" }));
    client.close();
    broker.expectOpen();
    expect(events).toEqual([]);
    broker.transport.makeRoom(100);
    broker.expectBytes(disconnect(0x04, [["reasonString", "first"]]));
    broker.expectClosed();
    expect(events).toEqual(["disconnected"]);
  });

  it("MQTT-3.14.4-2: a connection that takes no DISCONNECT is closed all the same, after a while", () => {
    const { broker, client, events } = connect();
    broker.transport.room = 0;
    client.close(0x98);
    broker.advance(60_000);
    broker.expectClosed();
    expect(events).toEqual(["disconnected"]);
  });

  it("MQTT-3.14.4-1: what was published before goes out before it, nothing goes out after it", () => {
    const { broker, client } = connect({ keepalive: 10 });
    broker.transport.room = 0;
    client.publish("t", "0");
    client.close();
    expect(client.publish("t", "after")).toBe(WOULD_BLOCK);
    client.publish("t", "after", 1);
    client.subscribe({ filter: "after" });
    client.unsubscribe("after");
    broker.transport.makeRoom(1_000);
    broker.expect("PUBLISH", { payload: "0" });
    broker.expect("DISCONNECT");
    broker.expectClosed();
    broker.advance(60_000);
    broker.expectClosed();
  });

  it("MQTT-3.14.4-1: what comes in after close() is neither delivered nor acknowledged", () => {
    const { broker, client, events } = connect();
    broker.transport.room = 0;
    client.close();
    broker.send(publish({ topic: "t", qos: 1, identifier: 7 }));
    broker.send(publish({ topic: "t", qos: 2, identifier: 8 }));
    broker.send("ff ff ff ff ff");
    broker.transport.makeRoom(1_000);
    broker.expectBytes("e0 00");
    broker.expectClosed();
    expect(events).toEqual(["disconnected"]);
  });

  for (const room of [Infinity, 0])
    for (const qos of [1, 2] as const)
      it(`MQTT-3.14.4-1: close() inside a handler of QoS ${qos}, with room for ${room}: no acknowledgement follows`, () => {
        const closing = connect({
          onMessage: (message) => {
            message.reasonCode = 0x87;
            closing.client.close();
          },
        });
        closing.broker.transport.room = room;
        closing.broker.sendTogether(publish({ topic: "t", qos, identifier: 7 }), publish({ topic: "t", qos, identifier: 8 }));
        closing.broker.transport.makeRoom(1_000);
        closing.broker.expectBytes("e0 00");
        closing.broker.expectClosed();
      });

  it("MQTT-3.14.4-1: no PUBREL follows DISCONNECT", () => {
    const { broker, client } = connect({ onDelivered: () => client.close() });
    client.publish("t", "", 1);
    client.publish("t", "", 2);
    broker.transport.takeSent();
    broker.sendTogether(puback(1), pubrec(2));
    broker.expectBytes("e0 00");
    broker.expectClosed();
  });

  it("MQTT-3.14.4-1: the client's own DISCONNECT after a violation is the last packet as well, whatever was waiting", () => {
    const { broker, client } = connect({ reconnectPeriod: 0 });
    broker.transport.room = 0;
    client.publish("t", "0");
    client.publish("t", "1", 1);
    client.subscribe({ filter: "a" });
    broker.transport.room = 5; // fewer than the first PUBLISH has, and enough for a DISCONNECT
    broker.send("f1 00");
    broker.expectClosed();
    broker.advance(3_600_000);
    broker.expectClosed();
  });

  it("MQTT-3.14.4-1: nothing comes between the pieces of a message, so closing half-way sends no DISCONNECT", () => {
    const { broker, client, events } = connect({ packetSize: 64 });
    broker.transport.room = 200;
    client.publish("t", new Uint8Array(1_000));
    expect(broker.transport.takeSent().length).toBeGreaterThan(100);
    broker.transport.room = Infinity;
    client.close(0x04, new Properties({ reasonString: "why" }));
    broker.expectClosed();
    expect(events).toEqual(["disconnected"]);
  });

  it("close() before CONNACK, or before the stream is open, closes without DISCONNECT, whatever it says", () => {
    const { broker, client, events } = start();
    client.close(0x04, new Properties({ reasonString: "why" }));
    broker.expectClosed();
    client.connect();
    broker.transport.accept();
    broker.expect("CONNECT");
    client.close(0x80);
    broker.expectClosed();
    expect(events).toEqual(["disconnected", "disconnected"]);
  });

  it("close() while waiting for the next try ends the waiting", () => {
    const { broker, client, events } = connect();
    broker.drop();
    client.close(0x98);
    broker.advance(3_600_000);
    expect(broker.transport.opens).toBe(1);
    expect(events).toEqual(["disconnected ERR_CONNECTION_CLOSED", "disconnected"]);
  });

  it("what one DISCONNECT said is not said by the next", () => {
    const { broker, client } = connect();
    client.close(0x04, new Properties({ reasonString: "why" }));
    broker.expect("DISCONNECT");
    client.connect();
    broker.acceptConnection();
    client.close();
    broker.expectBytes("e0 00");
    client.connect();
    broker.acceptConnection();
    client.close(0x98, new Properties({ userProperties: { a: "b" } }));
    broker.expect("DISCONNECT");
    client.connect();
    broker.acceptConnection();
    broker.send("f1 00");
    broker.expectBytes("e0 01 81");
    broker.expectClosed();
  });

  it("onDisconnect after close() has no properties of what came in before", () => {
    const found: unknown[] = [];
    const { broker, client } = connect({
      onDisconnect: (error, properties) => found.push(error, properties.get("userProperties")),
    });
    broker.send(publish({ topic: "t", properties: [["userProperty", ["a", "b"]]] }));
    client.close();
    broker.expect("DISCONNECT");
    expect(found).toEqual([undefined, undefined]);
  });
});
