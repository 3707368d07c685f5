import { describe, expect, it } from "vitest";
import { Properties, type GivenProperties, type PropertyName } from "mqtt-xs/v5";
import type { ErrorCode } from "../../../src/errors.js";
import { concat, hex, property, puback, publish, pubrec, type Property, type PropertyList } from "../../support/v5/packets.js";
import { connect, expectClosedBy, expectRefused, PERSISTENT, reconnect } from "./support.js";

const QUALITIES = [0, 1, 2] as const;

/** Each property that an application may give to a PUBLISH, and how it stands in one. */
const GIVEN: readonly (readonly [GivenProperties, Property])[] = [
  [{ payloadFormatIndicator: false }, ["payloadFormatIndicator", 0]],
  [{ payloadFormatIndicator: true }, ["payloadFormatIndicator", 1]],
  [{ messageExpiryInterval: 0 }, ["messageExpiryInterval", 0]],
  [{ messageExpiryInterval: 1 }, ["messageExpiryInterval", 1]],
  [{ messageExpiryInterval: 0x80000000 }, ["messageExpiryInterval", 0x80000000]],
  [{ messageExpiryInterval: 0xffffffff }, ["messageExpiryInterval", 0xffffffff]],
  [{ contentType: "" }, ["contentType", ""]],
  [{ contentType: "é/😀" }, ["contentType", "é/😀"]],
  [{ responseTopic: "a/b" }, ["responseTopic", "a/b"]],
  [{ responseTopic: "$é" }, ["responseTopic", "$é"]],
  [{ correlationData: new Uint8Array(0) }, ["correlationData", ""]],
  [{ correlationData: Uint8Array.of(0, 255, 43, 0) }, ["correlationData", Uint8Array.of(0, 255, 43, 0)]],
  [{ userProperties: { "": "" } }, ["userProperty", ["", ""]]],
  [{ userProperties: [["unit", "°C"]] }, ["userProperty", ["unit", "°C"]]],
];

describe("3.3.2.3 properties that go out", () => {
  for (const [given, written] of GIVEN)
    it(`3.3.2.3: ${JSON.stringify(given)} stands behind the identifier, with every QoS, sent again too`, () => {
      const fixture = connect(PERSISTENT);
      const { broker, client } = fixture;
      const properties = new Properties(given);
      for (const qos of QUALITIES) {
        const identifier = client.publish("t", "x", qos, false, properties);
        broker.expectBytes(publish({ topic: "t", payload: "x", qos, identifier, properties: [written] }));
      }
      reconnect(fixture, { sessionPresent: true });
      for (const qos of [1, 2] as const)
        broker.expectBytes(publish({ topic: "t", payload: "x", qos, dup: true, identifier: qos, properties: [written] }));
      broker.expectNothing();
    });

  it("3.3.2.3: all of them together, each once, and the same object any number of times", () => {
    const { broker, client } = connect();
    const properties = new Properties({
      payloadFormatIndicator: true,
      messageExpiryInterval: 60,
      contentType: "application/json",
      responseTopic: "r",
      correlationData: Uint8Array.of(1, 2, 3),
      userProperties: { a: "1", b: ["2", "3"] },
    });
    for (let time = 0; time < 3; time++) {
      client.publish("t", "{}", 0, false, properties);
      const sent = broker.expect("PUBLISH", { topic: "t", payload: "{}" });
      expect(sent.properties).toEqual({
        payloadFormatIndicator: 1,
        messageExpiryInterval: 60,
        contentType: "application/json",
        responseTopic: "r",
        correlationData: Uint8Array.of(1, 2, 3),
        userProperties: [["a", "1"], ["b", "2"], ["b", "3"]],
      });
    }
  });

  it("3.3.2.3.1: no properties, an empty list, and values left undefined are a Property Length of 0", () => {
    const { broker, client } = connect();
    const empty = [new Properties({}), new Properties({ userProperties: {} }), new Properties({ userProperties: [] })];
    for (const properties of [undefined, ...empty])
      for (const qos of QUALITIES) {
        const identifier = client.publish("t", "x", qos, false, properties);
        broker.expectBytes(publish({ topic: "t", payload: "x", qos, identifier }));
        if (qos === 1) broker.send(puback(identifier));
        else if (qos === 2) broker.send(pubrec(identifier, 0x80));
      }
    broker.expectNothing();
  });

  it("3.3.2.3.1: one message's properties are not the next one's", () => {
    const { broker, client } = connect({ inflight: 8 });
    for (const qos of QUALITIES) {
      client.publish("t", "x", qos, false, new Properties({ contentType: "c" }));
      broker.expect("PUBLISH", { properties: { contentType: "c" } });
      const identifier = client.publish("t", "x", qos);
      broker.expectBytes(publish({ topic: "t", payload: "x", qos, identifier }));
    }
  });

  for (const length of [127, 128, 16_383, 16_384])
    it(`3.3.2.3.1: a Property Length of ${length} is written in the shortest form, and read`, () => {
      for (const qos of QUALITIES) {
        const contentType = "c".repeat(length - 3);
        const seen: unknown[] = [];
        const { broker, client } = connect(
          { packetSize: 20_000, onMessage: (message) => seen.push(message.properties.get("contentType"), message.text()) },
          { writeLimit: 20_000 },
        );
        const identifier = client.publish("t", "payload", qos, false, new Properties({ contentType }));
        const bytes = publish({ topic: "t", payload: "payload", qos, identifier, properties: [["contentType", contentType]] });
        broker.expectBytes(bytes);
        broker.send(bytes);
        broker.sendByteByByte(publish({ topic: "t", payload: "payload", properties: [["contentType", contentType]] }));
        expect(seen).toEqual([contentType, "payload", contentType, "payload"]);
      }
    });

  it("3.3.2.3.7: User Properties keep their order, equal names too", () => {
    const { broker, client } = connect();
    const pairs: [string, string][] = [["b", "1"], ["a", "2"], ["b", "3"], ["", ""], ["b", "1"], ["2", "x"], ["1", "y"]];
    client.publish("t", "", 1, false, new Properties({ userProperties: pairs }));
    broker.expect("PUBLISH", { properties: { userProperties: pairs } });
    const fromObject = new Properties({ userProperties: { z: ["3", "1", "2"], y: "0" } });
    client.publish("t", "", 1, false, fromObject);
    broker.expect("PUBLISH", { properties: { userProperties: [["z", "3"], ["z", "1"], ["z", "2"], ["y", "0"]] } });
  });

  it("3.3.3: a large payload goes in pieces behind its properties, from bytes or a source", () => {
    const payload = Uint8Array.from({ length: 300 }, (_, index) => index);
    const source = {
      length: 300,
      read: (target: Uint8Array, start: number, end: number, position: number): number => {
        target.set(payload.subarray(position, position + end - start), start);
        return end - start;
      },
    };
    const { broker, client } = connect({ packetSize: 64 });
    const properties = new Properties({ contentType: "c", userProperties: { a: "b" } });
    const list: PropertyList = [["contentType", "c"], ["userProperty", ["a", "b"]]];
    for (const qos of QUALITIES)
      for (const given of [payload, source]) {
        const identifier = client.publish("t", given, qos, false, properties);
        broker.expectBytes(publish({ topic: "t", payload, qos, identifier, properties: list }));
        broker.expectNothing();
      }
  });

  for (const qos of QUALITIES)
    it(`3.3.2.3: with QoS ${qos}, topic and properties up to packetSize are sent, one byte more leaves nothing behind`, () => {
      const { broker, client } = connect({ packetSize: 64 });
      const overhead = publish({ topic: "t", qos, properties: [["contentType", ""]] }).length;
      for (const payload of ["", "x"]) {
        const contentType = "c".repeat(64 - overhead);
        const identifier = client.publish("t", payload, qos, false, new Properties({ contentType }));
        broker.expectBytes(publish({ topic: "t", payload, qos, identifier, properties: [["contentType", contentType]] }));
        const before = client.inflight;
        const tooLong = new Properties({ contentType: `${contentType}c` });
        expectRefused(() => client.publish("t", payload, qos, false, tooLong), "ERR_PACKET_SIZE");
        expect(client.inflight).toBe(before);
        broker.expectNothing();
      }
      client.publish("t", "next", 0);
      broker.expectBytes(publish({ topic: "t", payload: "next" }));
    });

  it("MQTT-3.3.4-6: a Subscription Identifier is refused, whatever stands beside it", () => {
    for (const given of [{ subscriptionIdentifier: 7 }, { contentType: "c", subscriptionIdentifier: 268_435_455 }])
      for (const qos of QUALITIES) {
        const { broker, client } = connect();
        expectRefused(() => client.publish("t", "x", qos, false, new Properties(given)), "ERR_ARGUMENT");
        broker.expectNothing();
        expect(client.inflight).toBe(0);
      }
  });

  it("MQTT-3.3.4-6: a Subscription Identifier that came in does not go out with what is sent on", () => {
    const { broker, client } = connect({ onMessage: (message) => client.publish("u", message.payload) });
    broker.send(publish({ topic: "t", payload: "x", properties: [["subscriptionIdentifier", 3]] }));
    broker.expectBytes(publish({ topic: "u", payload: "x" }));
  });

  for (const given of [{ willDelayInterval: 1 }, { sessionExpiryInterval: 1 }, { reasonString: "r" }])
    it(`2.2.2.2: ${Object.keys(given)[0]}, which has no place in a PUBLISH, is refused`, () => {
      const { broker, client } = connect();
      for (const qos of QUALITIES)
        expectRefused(() => client.publish("t", "x", qos, false, new Properties(given)), "ERR_ARGUMENT");
      broker.expectNothing();
      expect(client.inflight).toBe(0);
    });

  it("2.2.2.2: what is refused while there is no connection is not stored either", () => {
    const fixture = connect(PERSISTENT);
    fixture.broker.drop();
    const properties = new Properties({ subscriptionIdentifier: 7 });
    expectRefused(() => fixture.client.publish("t", "x", 1, false, properties), "ERR_ARGUMENT");
    reconnect(fixture, { sessionPresent: true });
    fixture.broker.expectNothing();
  });

  it("MQTT-3.3.2-13, MQTT-3.3.2-14: a Response Topic that is no Topic Name is refused", () => {
    for (const responseTopic of ["\ud800", "a\udfff", "a\u0000", "+", "#", "a/+", "a/#", "a+b", "", "a".repeat(65_536)])
      expectRefused(() => new Properties({ responseTopic }), "ERR_TOPIC");
  });

  it("MQTT-3.3.2-19: a Content Type that is no UTF-8 String is refused", () => {
    for (const contentType of ["\ud800", "a\udfff", "a\u0000", "a".repeat(65_536)])
      expectRefused(() => new Properties({ contentType }), "ERR_ARGUMENT", "contentType");
  });

  it("3.3.2.3: every other wrong value is refused, by its name", () => {
    const wrong: readonly (readonly [string, unknown])[] = [
      ["payloadFormatIndicator", 1],
      ["payloadFormatIndicator", "yes"],
      ["messageExpiryInterval", -1],
      ["messageExpiryInterval", 0x1_0000_0000],
      ["messageExpiryInterval", 0.5],
      ["messageExpiryInterval", NaN],
      ["messageExpiryInterval", "1"],
      ["correlationData", new Uint8Array(65_536)],
      ["correlationData", "text"],
      ["userProperties", [["a\u0000", "b"]]],
      ["userProperties", [["a", "\ud800"]]],
      ["userProperties", { a: "b".repeat(65_536) }],
      ["topicAlias", 1],
      ["contenttype", "c"],
    ];
    for (const [name, value] of wrong) expectRefused(() => new Properties({ [name]: value }), "ERR_ARGUMENT", name);
  });
});

/** What the application is given of each property. */
const RECEIVED: readonly (readonly [Property, PropertyName, unknown])[] = [
  [["payloadFormatIndicator", 0], "payloadFormatIndicator", false],
  [["payloadFormatIndicator", 1], "payloadFormatIndicator", true],
  [["messageExpiryInterval", 0], "messageExpiryInterval", 0],
  [["messageExpiryInterval", 1], "messageExpiryInterval", 1],
  [["messageExpiryInterval", 0xffffffff], "messageExpiryInterval", 0xffffffff],
  [["contentType", ""], "contentType", ""],
  [["contentType", "é/😀"], "contentType", "é/😀"],
  [["contentType", "\ufeffx"], "contentType", "\ufeffx"],
  [["responseTopic", "a/b"], "responseTopic", "a/b"],
  [["correlationData", ""], "correlationData", new Uint8Array(0)],
  [["correlationData", hex("00 ff c3 28")], "correlationData", hex("00 ff c3 28")],
  [["subscriptionIdentifier", 1], "subscriptionIdentifier", 1],
  [["subscriptionIdentifier", 128], "subscriptionIdentifier", 128],
  [["subscriptionIdentifier", 268_435_455], "subscriptionIdentifier", 268_435_455],
  [["userProperty", ["", ""]], "userProperties", [["", ""]]],
  [["userProperty", ["name", "value"]], "userProperties", [["name", "value"]]],
];

describe("3.3.2.3 properties that come in", () => {
  for (const [written, name, value] of RECEIVED)
    it(`3.3.2.3: ${name} of ${JSON.stringify(value)} is there, whole or byte by byte, and gone with the next message`, () => {
      const seen: unknown[] = [];
      const { broker } = connect({ onMessage: ({ properties }) => seen.push(properties.get(name)) });
      for (const qos of QUALITIES) {
        const bytes = publish({ topic: "t", payload: "x", qos, identifier: qos + 5, properties: [written] });
        broker.send(bytes);
        broker.send(publish({ topic: "t", payload: "x" }));
        broker.transport.takeSent();
        if (qos === 2) continue; // would be a repetition
        broker.sendByteByByte(bytes);
        broker.transport.takeSent();
      }
      expect(seen).toEqual([value, undefined, value, value, undefined, value, value, undefined]);
    });

  it("3.3.2.3: numbers are read by identifier, and the iterator goes over everything in its order, any number of times", () => {
    const all: unknown[] = [];
    const numbers: unknown[] = [];
    const { broker } = connect({
      onMessage: ({ properties }) => {
        for (let round = 0; round < 2; round++) {
          properties.rewind();
          while (properties.next()) {
            const { identifier } = properties;
            if (identifier === 38) all.push([identifier, properties.name, properties.text]);
            else if (identifier === 9) all.push([identifier, properties.bytes.slice(properties.start, properties.end)]);
            else if (identifier === 3 || identifier === 8) all.push([identifier, properties.text]);
            else all.push([identifier, properties.value]);
          }
          expect(properties.next()).toBe(false);
        }
        for (const identifier of [1, 2, 11, 35, 17]) numbers.push(properties.number(identifier));
      },
    });
    broker.send(
      publish({
        topic: "t",
        payload: "x",
        properties: [
          ["userProperty", ["b", "1"]],
          ["messageExpiryInterval", 0x89abcdef],
          ["userProperty", ["a", "2"]],
          ["subscriptionIdentifier", 300],
          ["correlationData", hex("26 00")],
          ["contentType", "c"],
          ["payloadFormatIndicator", 1],
          ["subscriptionIdentifier", 2],
          ["responseTopic", "r"],
          ["userProperty", ["b", "1"]],
        ],
      }),
    );
    const once = [
      [38, "b", "1"],
      [2, 0x89abcdef],
      [38, "a", "2"],
      [11, 300],
      [9, hex("26 00")],
      [3, "c"],
      [1, 1],
      [11, 2],
      [8, "r"],
      [38, "b", "1"],
    ];
    expect(all).toEqual([...once, ...once]);
    expect(numbers).toEqual([1, 0x89abcdef, 300, undefined, undefined]);
  });

  it("3.3.2.3.7: User Properties come in their order, equal names and equal pairs too", () => {
    const seen: unknown[] = [];
    const pairs = [["b", "1"], ["a", "2"], ["b", "3"], ["", ""], ["b", "1"]] as const;
    const { broker } = connect({ onMessage: ({ properties }) => seen.push(properties.get("userProperties")) });
    broker.send(publish({ topic: "t", properties: pairs.map((pair) => ["userProperty", pair] as const) }));
    expect(seen).toEqual([pairs]);
  });

  it("3.3.2.3: what a property holds, which looks like other properties, is not read as any", () => {
    const seen: unknown[] = [];
    const { broker } = connect({
      onMessage: ({ properties }) => seen.push(properties.get("contentType"), properties.number(1), properties.number(35)),
    });
    const inside = concat(property(["payloadFormatIndicator", 1]), property(["topicAlias", 9]));
    const list: PropertyList = [["correlationData", inside], ["contentType", "\u0001\u0001#"]];
    broker.send(publish({ topic: "t", payload: inside, properties: list }));
    expect(seen).toEqual(["\u0001\u0001#", undefined, undefined]);
  });

  it("3.3.2.3: an acknowledgement, with properties or without, takes none from the messages around it", () => {
    const seen: unknown[] = [];
    const { broker, client } = connect({ onMessage: ({ properties }) => seen.push(properties.get("contentType")) });
    client.publish("t", "x", 1);
    broker.transport.takeSent();
    const message = publish({ topic: "t", properties: [["contentType", "c"]] });
    broker.sendTogether(message, puback(1), message, puback(1, 0x10, [["reasonString", "r"]]), message);
    expect(seen).toEqual(["c", "c", "c"]);
  });

  it("MQTT-3.3.4-4: several Subscription Identifiers, in any order and repeated, are all there", () => {
    for (const identifiers of [[1, 2, 3], [3, 1, 2], [268_435_455, 1], [5, 5], [200, 200, 1, 200]]) {
      const seen: number[] = [];
      const { broker, events } = connect({
        onMessage: ({ properties }) => {
          properties.rewind();
          while (properties.next()) if (properties.identifier === 11) seen.push(properties.value);
        },
      });
      const list = identifiers.map((identifier) => ["subscriptionIdentifier", identifier] as const);
      broker.sendByteByByte(publish({ topic: "t", qos: 1, properties: list }));
      broker.expectBytes(puback(1));
      expect(seen).toEqual(identifiers);
      expect(events).toEqual([]);
      broker.expectOpen();
    }
  });

  it("MQTT-3.3.4-4: the handlers of those subscriptions are called once each, and no others", () => {
    const { broker, client, events } = connect();
    const subscribe = (filter: string, identifier: number): void => {
      const properties = new Properties({ subscriptionIdentifier: identifier });
      client.subscribe({ filter, handler: (message) => events.push(`${filter} ${message.topic}`) }, undefined, properties);
    };
    subscribe("a/#", 1);
    subscribe("a/+", 2);
    subscribe("a/b", 300);
    broker.transport.takeSent();
    const cases: [number[], string[]][] = [
      [[2], ["a/+ a/b"]],
      [[300, 1], ["a/# a/b", "a/b a/b"]],
      [[2, 2, 2], ["a/+ a/b"]],
      [[300, 2, 1, 300], ["a/# a/b", "a/+ a/b", "a/b a/b"]],
      [[], ["a/# a/b", "a/+ a/b", "a/b a/b"]],
    ];
    for (const [identifiers, expected] of cases) {
      events.length = 0;
      broker.send(publish({ topic: "a/b", properties: identifiers.map((value) => ["subscriptionIdentifier", value] as const) }));
      expect(events).toEqual(expected);
    }
  });

  it("3.3.4: pieces of a large message are all routed by its Subscription Identifiers, and show its properties", () => {
    const seen: unknown[] = [];
    const { broker, client, events } = connect({ packetSize: 64 });
    const subscription = {
      filter: "other",
      handler: (message: { topic: string; length: number; properties: { get(name: "userProperties"): unknown } }) =>
        seen.push([message.topic, message.length, message.properties.get("userProperties")]),
    };
    client.subscribe(subscription, undefined, new Properties({ subscriptionIdentifier: 9 }));
    broker.transport.takeSent();
    const list: PropertyList = [["userProperty", ["k", "v"]], ["subscriptionIdentifier", 9], ["userProperty", ["k", "w"]]];
    const head = publish({ topic: "t", properties: list }).length + 1; // its Remaining Length has two bytes
    broker.sendByteByByte(publish({ topic: "t", payload: new Uint8Array(150), properties: list }));
    const pairs = [["k", "v"], ["k", "w"]];
    const room = 64 - head;
    const lengths = Array.from({ length: Math.ceil(150 / room) }, (_, index) => Math.min(room, 150 - index * room));
    expect(seen).toEqual(lengths.map((length) => ["t", length, pairs]));
    expect(events).toEqual([]);
  });

  for (const qos of QUALITIES)
    it(`3.3.2.3: with QoS ${qos}, properties that just fit the buffer are taken; one byte more is the buffer's fault`, () => {
      const overhead = publish({ topic: "t", qos, properties: [["contentType", ""]] }).length;
      const fitting = "c".repeat(64 - overhead);
      const seen: unknown[] = [];
      const { broker } = connect({ packetSize: 64, onMessage: ({ properties }) => seen.push(properties.get("contentType")) });
      broker.sendByteByByte(publish({ topic: "t", qos, properties: [["contentType", fitting]] }));
      expect(seen).toEqual([fitting]);
      const tooMuch = publish({ topic: "t", qos, properties: [["contentType", `${fitting}c`]] });
      expectClosedBy(tooMuch, "ERR_RECEIVE_SIZE", 0x97, { packetSize: 64 });
      const noneForPayload = publish({ topic: "t", payload: "xy", qos, properties: [["contentType", fitting]] });
      expectClosedBy(noneForPayload, "ERR_RECEIVE_SIZE", 0x97, { packetSize: 64 });
    });
});

const MALFORMED = ["ERR_MALFORMED_PACKET", 0x81] as const;
const FORBIDDEN = ["ERR_PROTOCOL", 0x82] as const;

/** A Variable Byte Integer of five bytes. */
const ENDLESS = "ff ff ff ff 01";

const WRONG: readonly (readonly [string, PropertyList, readonly [ErrorCode, number]])[] = [
  ["a Property Length past the end", hex("09 01 01"), MALFORMED],
  ["a Property Length of the largest number", hex("ff ff ff 7f"), MALFORMED],
  ["a Property Length of five bytes", hex(ENDLESS), MALFORMED],
  ["a Property Length that is cut off", hex("80"), MALFORMED],
  ["a Property Length that ends amid a property", hex("01 01 01"), MALFORMED],
  ["an identifier of two bytes", [hex("81 00 01")], MALFORMED],
  ["text that runs past the Property Length", hex("04 03 00 05 61"), MALFORMED],
  ["text of 65,535 bytes that are not there", hex("03 03 ff ff"), MALFORMED],
  ["data that runs past the Property Length", hex("04 09 00 05 61"), MALFORMED],
  ["a User Property without value", hex("04 26 00 01 61"), MALFORMED],
  ["a User Property whose name runs past the Property Length", hex("06 26 00 09 61 00 00"), MALFORMED],
  ["a User Property whose value runs past the Property Length", hex("07 26 00 01 61 00 09 62"), MALFORMED],
  ["a Subscription Identifier of five bytes", [hex(`0b ${ENDLESS}`)], MALFORMED],
  ["a Subscription Identifier that is cut off", [hex("0b 80")], MALFORMED],
  ["a Subscription Identifier of 0", [["subscriptionIdentifier", 0]], FORBIDDEN],
  ["a second Subscription Identifier of 0", [["subscriptionIdentifier", 1], ["subscriptionIdentifier", 0]], FORBIDDEN],
  ["a Payload Format Indicator of 2", [["payloadFormatIndicator", 2]], FORBIDDEN],
  ["a Payload Format Indicator of 255", [["payloadFormatIndicator", 255]], FORBIDDEN],
  ["an empty Response Topic", [["responseTopic", ""]], FORBIDDEN],
  ["bytes behind a good property that are none", [["contentType", "c"], hex("00")], MALFORMED],
];

describe("3.3.2.3 properties that break the standard", () => {
  for (const [what, properties, [code, reasonCode]] of WRONG)
    it(`3.3.2.3: closes on ${what}`, () => {
      for (const qos of QUALITIES)
        for (const payload of properties instanceof Uint8Array ? [""] : ["", "payload, which is no property"])
          expectClosedBy(publish({ topic: "t", payload, qos, properties }), code, reasonCode);
    });

  it("2.2.2.2: closes on every identifier that is none, or has no place in a PUBLISH", () => {
    const legal = [0x01, 0x02, 0x03, 0x08, 0x09, 0x0b, 0x23, 0x26];
    for (let identifier = 0; identifier < 256; identifier++) {
      if (legal.includes(identifier)) continue;
      const list = [Uint8Array.of(identifier, 0, 1, 0x61, 0, 1, 0x61)];
      expectClosedBy(publish({ topic: "t", properties: list }), ...MALFORMED);
    }
  });

  const once: readonly Property[] = [
    ["payloadFormatIndicator", 1],
    ["messageExpiryInterval", 7],
    ["contentType", "c"],
    ["responseTopic", "r"],
    ["correlationData", "d"],
    ["topicAlias", 1],
  ];
  for (const item of once) {
    it(`3.3.2.3: closes on ${item[0]} twice, equal or not, beside each other or not`, () => {
      const [name, value] = item;
      const otherValue = typeof value === "number" ? (value + 1) % 2 : "e";
      const other = [name, otherValue] as Property;
      const options = { topicAliasMaximum: 5 };
      const between = [["userProperty", ["a", "b"]], ["subscriptionIdentifier", 1]] as const;
      const lists = [[item, item], [item, item, item], [item, ...between, item]];
      if (name !== "topicAlias") lists.push([item, other]); // 0 would be wrong for another reason
      for (const list of lists)
        expectClosedBy(publish({ topic: "t", payload: "x", properties: list }), ...FORBIDDEN, options);
    });

    it(`3.3.2.3: closes on ${item[0]} that is cut off, wherever`, () => {
      const bytes = property(item);
      const options = { topicAliasMaximum: 5 };
      for (let length = 1; length < bytes.length; length++)
        for (const payload of ["", "\u0001\u0001\u0001\u0001\u0001\u0001"])
          expectClosedBy(publish({ topic: "t", payload, properties: [bytes.slice(0, length)] }), ...MALFORMED, options);
    });
  }

  for (const bad of ["c3 28", "80", "c0 80", "ed a0 80", "f5 80 80 80", "e2 82", "61 00 62", "00"]) {
    const text = hex(bad);
    it(`MQTT-3.3.2-19: closes on a Content Type of the bytes ${bad}`, () => {
      expectClosedBy(publish({ topic: "t", properties: [["contentType", text]] }), ...MALFORMED);
    });

    it(`MQTT-3.3.2-13: closes on a Response Topic of the bytes ${bad}`, () => {
      expectClosedBy(publish({ topic: "t", properties: [["responseTopic", text]] }), ...MALFORMED);
    });

    it(`1.5.7: closes on a User Property of the bytes ${bad}`, () => {
      expectClosedBy(publish({ topic: "t", properties: [["userProperty", [text, "v"]]] }), ...MALFORMED);
      expectClosedBy(publish({ topic: "t", properties: [["userProperty", ["n", text]]] }), ...MALFORMED);
    });

    it(`3.3.2.3.6: takes Correlation Data of the bytes ${bad}, which are no text`, () => {
      const { broker, events } = connect();
      broker.send(publish({ topic: "t", properties: [["correlationData", text]] }));
      expect(events).toEqual(["message t: "]);
    });
  }

  for (const topic of ["+", "#", "a/+/b", "a/#", "a+", "#a"])
    it(`MQTT-3.3.2-14: closes on a Response Topic of ${topic}`, () => {
      const properties: PropertyList = [["responseTopic", topic]];
      for (const qos of QUALITIES) expectClosedBy(publish({ topic: "t", qos, properties }), ...FORBIDDEN);
    });

  it("3.3.2.3: wrong properties of a message larger than the buffer close before any of it is delivered", () => {
    const payload = new Uint8Array(200);
    expectClosedBy(publish({ topic: "t", payload, qos: 2, properties: [hex("00")] }), ...MALFORMED, { packetSize: 64 });
    expectClosedBy(publish({ topic: "t", payload, properties: [["responseTopic", "#"]] }), ...FORBIDDEN, { packetSize: 64 });
  });

  it("3.3.2.3: a message that broke the standard is not remembered: with QoS 2 it is new after a reconnect", () => {
    const fixture = connect(PERSISTENT);
    const { broker, events } = fixture;
    broker.send(publish({ topic: "t", payload: "x", qos: 2, identifier: 7, properties: [["payloadFormatIndicator", 2]] }));
    broker.expectBytes("e0 01 82");
    reconnect(fixture, { sessionPresent: true });
    events.length = 0;
    broker.send(publish({ topic: "t", payload: "x", qos: 2, dup: true, identifier: 7 }));
    broker.expectBytes(pubrec(7));
    expect(events).toEqual(["message t: x"]);
  });
});
