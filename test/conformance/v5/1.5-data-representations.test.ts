import { describe, expect, it } from "vitest";
import { Properties, type Authenticator, type ClientOptions, type ReceivedProperties } from "mqtt-xs/v5";
import {
  auth,
  concat,
  connack,
  disconnect,
  hex,
  mqttString,
  packet,
  properties,
  puback,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  suback,
  unsuback,
  variableByteInteger,
  type Property,
} from "../../support/v5/packets.js";
import {
  awaitingConnack,
  connect,
  connectPacket,
  expectClosedBy,
  expectNotConnectedBy,
  expectRefused,
  start,
} from "./support.js";

/** Text that UTF-8 cannot express. */
const LONE_SURROGATES = {
  "a high surrogate": "a\ud800",
  "a low surrogate": "\udc00a",
  "a pair the wrong way round": "\udc00\ud800",
};

const ILL_FORMED = {
  "an overlong U+002F of two bytes": "c0 af",
  "an overlong U+007F of two bytes": "c1 bf",
  "an overlong U+002F of three bytes": "e0 80 af",
  "an overlong U+07FF of three bytes": "e0 9f bf",
  "an overlong U+002F of four bytes": "f0 80 80 af",
  "an overlong U+FFFF of four bytes": "f0 8f bf bf",
  "an overlong U+0000": "c0 80",
  "the first surrogate, U+D800": "ed a0 80",
  "the last high surrogate, U+DBFF": "ed af bf",
  "the first low surrogate, U+DC00": "ed b0 80",
  "the last surrogate, U+DFFF": "ed bf bf",
  "a character as a pair of surrogates": "ed a0 81 ed b0 80",
  "U+110000": "f4 90 80 80",
  "a sequence that starts with F5": "f5 80 80 80",
  "five bytes, as UTF-8 once had": "f8 88 80 80 80",
  "the byte FE": "fe",
  "the byte FF": "ff",
  "a continuation byte by itself": "80",
  "a continuation byte too many": "c3 a9 a9",
  "two bytes cut off after one": "c3",
  "three bytes cut off after two": "e2 82",
  "four bytes cut off after three": "f0 9f 98",
  "two bytes interrupted by a letter": "c3 61",
  "three bytes interrupted by a letter": "e2 82 61",
  "four bytes interrupted by another character": "f0 9f c3 a9",
};

const WELL_FORMED = ["\u007f", "\u0080", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\ufffd", "\uffff", "\u{10000}", "\u{10ffff}"];

const ZEROS = ["\0", "\0a", "a\0b", "a\0"];

const METHOD: Authenticator = { method: "m", begin: () => undefined, challenge: () => undefined, finish: () => undefined };

/** With these, a server may send every property that there is. */
const ALL_WELCOME: Partial<ClientOptions> = { authenticator: METHOD, requestResponseInformation: true };

/** Where the payload of a CONNECT begins that has no property but a Receive Maximum. */
const PAYLOAD = 16;

type Text = string | Uint8Array;

/** Every string that a CONNACK can have. */
const IN_CONNACK: Record<string, (text: Text) => Property> = {
  "the Assigned Client Identifier": (text) => ["assignedClientIdentifier", text],
  "the Authentication Method": (text) => ["authenticationMethod", text],
  "the Response Information": (text) => ["responseInformation", text],
  "the Server Reference": (text) => ["serverReference", text],
  "the Reason String": (text) => ["reasonString", text],
  "a User Property's name": (text) => ["userProperty", [text, "value"]],
  "a User Property's value": (text) => ["userProperty", ["name", text]],
};

/** Every string that a PUBLISH can have besides its topic. */
const IN_PUBLISH: Record<string, (text: Text) => Property> = {
  "the Content Type": (text) => ["contentType", text],
  "the Response Topic": (text) => ["responseTopic", text],
  "a User Property's name": (text) => ["userProperty", [text, "value"]],
  "a User Property's value": (text) => ["userProperty", ["name", text]],
};

/** Those that every other packet can have. */
const IN_ANSWERS: Record<string, (text: Text) => Property> = {
  "the Reason String": (text) => ["reasonString", text],
  "a User Property's name": (text) => ["userProperty", [text, "value"]],
  "a User Property's value": (text) => ["userProperty", ["name", text]],
};

const ANSWERS: Record<string, (property: Property) => Uint8Array> = {
  PUBACK: (property) => puback(1, 0, [property]),
  PUBREC: (property) => pubrec(1, 0, [property]),
  PUBREL: (property) => pubrel(1, 0, [property]),
  PUBCOMP: (property) => pubcomp(1, 0, [property]),
  SUBACK: (property) => suback(1, 0, [property]),
  UNSUBACK: (property) => unsuback(1, 0, [property]),
  DISCONNECT: (property) => disconnect(0, [property]),
};

/** Those that can come before CONNACK. */
const FIRST: Record<string, (text: Text) => Uint8Array> = {
  ...Object.fromEntries(
    Object.entries(IN_CONNACK).map(([place, property]) => [place, (text: Text) => connack({ properties: [property(text)] })]),
  ),
  "the Authentication Method of AUTH": (text) => auth(0x18, [["authenticationMethod", text]]),
  "the Reason String of AUTH": (text) => auth(0x18, [["authenticationMethod", "m"], ["reasonString", text]]),
  "a User Property's name of AUTH": (text) => auth(0x18, [["authenticationMethod", "m"], ["userProperty", [text, "v"]]]),
  "a User Property's value of AUTH": (text) => auth(0x18, [["authenticationMethod", "m"], ["userProperty", ["n", text]]]),
};

/** `place` of every packet that can come after CONNACK, with a function that puts a text there. */
function* places(): Generator<readonly [place: string, put: (text: Text) => Uint8Array]> {
  for (const qos of [0, 1, 2] as const) {
    const fields = { payload: hex("80 80 a9"), qos, identifier: 0x8080 };
    yield [`the Topic Name of a PUBLISH with QoS ${qos}`, (topic) => publish({ ...fields, topic })];
    for (const [place, property] of Object.entries(IN_PUBLISH))
      yield [
        `${place} of a PUBLISH with QoS ${qos}`,
        (text) => publish({ ...fields, topic: "t", properties: [property(text)] }),
      ];
  }
  for (const [name, answer] of Object.entries(ANSWERS))
    for (const [place, property] of Object.entries(IN_ANSWERS)) yield [`${place} of ${name}`, (text) => answer(property(text))];
  yield ["the Server Reference of DISCONNECT", (text) => disconnect(0x9c, [["serverReference", text]])];
}

/** Every place where a client's user hands over a string that is checked by itself, with what the message must name. */
const ARGUMENTS: Record<string, readonly [named: string, use: (text: string) => unknown]> = {
  "the Client Identifier": ["clientId", (clientId) => start({ clientId })],
  "the User Name": ["username", (username) => start({ username })],
  "the name of a User Property of CONNECT": ["userProperties", (text) => start({ userProperties: { [text]: "b" } })],
  "the value of a User Property of CONNECT": ["userProperties", (text) => start({ userProperties: { a: text } })],
  "the Authentication Method": ["uthenticat", (method) => start({ authenticator: { ...METHOD, method } })],
  "a Content Type": ["contentType", (contentType) => new Properties({ contentType })],
  "a Reason String": ["reasonString", (reasonString) => new Properties({ reasonString })],
  "the name of a User Property": ["userProperties", (text) => new Properties({ userProperties: [[text, "b"]] })],
  "the value of a User Property": ["userProperties", (text) => new Properties({ userProperties: [["a", text]] })],
  "one of several values of a User Property": [
    "userProperties",
    (text) => new Properties({ userProperties: { a: ["b", text] } }),
  ],
};

const TOPICS: Record<string, (text: string) => unknown> = {
  "the Will Topic": (topic) => start({ will: { topic } }),
  "a Topic Name": (topic) => connect().client.publish(topic, ""),
  "a Response Topic": (responseTopic) => new Properties({ responseTopic }),
};

const FILTERS: Record<string, (text: string) => unknown> = {
  "a Topic Filter of SUBSCRIBE": (filter) => connect().client.subscribe({ filter }),
  "a Topic Filter of UNSUBSCRIBE": (filter) => connect().client.unsubscribe(filter),
  "a ShareName": (name) => connect().client.subscribe({ filter: `$share/${name}/a` }),
  "a shared Topic Filter": (filter) => connect().client.subscribe({ filter: `$share/a/${filter}` }),
};

/** `what` must be refused wherever a string is handed over. */
function itIsRefusedAtCalls(identifier: string, what: string, text: string): void {
  for (const [place, [named, use]] of Object.entries(ARGUMENTS))
    it(`${identifier}: refuses ${what} in ${place}`, () => {
      expectRefused(() => use(text), "ERR_ARGUMENT", named);
    });
  for (const [place, use] of Object.entries(TOPICS))
    it(`${identifier}: refuses ${what} in ${place}`, () => {
      expectRefused(() => use(text), "ERR_TOPIC");
    });
  for (const [place, use] of Object.entries(FILTERS))
    it(`${identifier}: refuses ${what} in ${place}`, () => {
      expectRefused(() => use(text), "ERR_TOPIC_FILTER");
    });
}

describe("1.5.4 UTF-8 Encoded String, as the client sends it", () => {
  for (const [what, text] of Object.entries(LONE_SURROGATES)) {
    itIsRefusedAtCalls("MQTT-1.5.4-1", what, text);
    it(`MQTT-1.5.4-1: refuses ${what} in a payload given as text`, () => {
      const { broker, client } = connect();
      expectRefused(() => client.publish("t", text), "ERR_ARGUMENT", "payload");
      expectRefused(() => client.publish("t", text, 1), "ERR_ARGUMENT", "payload");
      expectRefused(() => start({ will: { topic: "t", payload: text } }), "ERR_ARGUMENT", "will.payload");
      broker.expectNothing();
    });
  }
  itIsRefusedAtCalls("MQTT-1.5.4-2", "U+0000", "a\0b");

  it("MQTT-1.5.4-1: sends characters of one to four bytes as UTF-8, their length in bytes before them", () => {
    const { broker, client } = connect();
    client.publish("aé€😀", "");
    broker.expectBytes("30 0d 00 0a 61 c3 a9 e2 82 ac f0 9f 98 80 00");
    client.subscribe({ filter: "é/+" });
    broker.expectBytes("82 0a 00 01 00 00 04 c3 a9 2f 2b 00");
    client.unsubscribe("é/+");
    broker.expectBytes("a2 09 00 02 00 00 04 c3 a9 2f 2b");
    broker.expectNothing();
  });

  it("MQTT-1.5.4-1: sends the strings of CONNECT as UTF-8", () => {
    const bytes = connectPacket({ clientId: "é", username: "€", will: { topic: "😀" } });
    expect([...bytes.slice(PAYLOAD)]).toEqual([...hex("00 02 c3 a9 00 00 04 f0 9f 98 80 00 00 00 03 e2 82 ac")]);
  });

  it("MQTT-1.5.4-1: sends the strings of properties as UTF-8", () => {
    expect([...new Properties({ contentType: "é€", responseTopic: "😀" }).bytes]).toEqual([
      ...hex("03 00 05 c3 a9 e2 82 ac 08 00 04 f0 9f 98 80"),
    ]);
  });

  it("MQTT-1.5.4-1: a string may have no characters, or 65,535 bytes, and not one more", () => {
    const longest = "é".repeat(32_767) + "a";
    expect([...new Properties({ contentType: "" }).bytes]).toEqual([...hex("03 00 00")]);
    expect([...new Properties({ contentType: longest }).bytes]).toEqual([
      ...concat(hex("03"), mqttString(longest)),
    ]);
    for (const tooLong of [`${longest}a`, "é".repeat(32_768), "a".repeat(65_536)])
      for (const [place, [named, use]] of Object.entries(ARGUMENTS))
        expect(() => use(tooLong), place).toThrow(
          expect.objectContaining({ code: "ERR_ARGUMENT", message: expect.stringContaining(named) as string }),
        );
  });

  it("MQTT-1.5.4-3: U+FEFF is sent like any other character", () => {
    const { broker, client } = connect();
    client.publish("\ufeffa", "\ufeff", 0, false, new Properties({ contentType: "\ufeff" }));
    broker.expectBytes("30 10 00 04 ef bb bf 61 06 03 00 03 ef bb bf ef bb bf");
    const bytes = connectPacket({ clientId: "\ufeff" });
    expect([...bytes.slice(PAYLOAD)]).toEqual([...hex("00 03 ef bb bf")]);
  });
});

describe("1.5.4 UTF-8 Encoded String, as the client receives it", () => {
  for (const [what, bytes] of Object.entries(ILL_FORMED)) {
    it(`MQTT-1.5.4-1: closes on ${what} in any string of CONNACK, and of AUTH before it`, () => {
      for (const put of Object.values(FIRST))
        for (const text of [bytes, `61 ${bytes}`])
          expectNotConnectedBy(put(hex(text)), "ERR_MALFORMED_PACKET", 0x81, ALL_WELCOME);
    });

    it(`MQTT-1.5.4-1: closes on ${what} in any string of any other packet`, () => {
      for (const [, put] of places())
        for (const text of [bytes, `61 2f ${bytes}`])
          expectClosedBy(put(hex(text)), "ERR_MALFORMED_PACKET", 0x81);
    });
  }

  for (const [what, bytes] of [["ill-formed", "61 ed a0 80"], ["with U+0000", "61 00"]] as const)
    it(`MQTT-1.5.4-1, MQTT-1.5.4-2: closes on strings ${what} though the message is larger than the buffer`, () => {
      const payload = new Uint8Array(200);
      const options = { packetSize: 64 };
      expectClosedBy(publish({ topic: hex(bytes), payload }), "ERR_MALFORMED_PACKET", 0x81, options);
      for (const property of Object.values(IN_PUBLISH)) {
        const violation = publish({ topic: "t", payload, properties: [property(hex(bytes))] });
        expectClosedBy(violation, "ERR_MALFORMED_PACKET", 0x81, options);
      }
    });

  for (const text of ZEROS)
    it(`MQTT-1.5.4-2: closes on ${JSON.stringify(text)} in any string of any packet`, () => {
      for (const put of Object.values(FIRST)) expectNotConnectedBy(put(text), "ERR_MALFORMED_PACKET", 0x81, ALL_WELCOME);
      for (const [, put] of places()) expectClosedBy(put(text), "ERR_MALFORMED_PACKET", 0x81);
    });

  it("MQTT-1.5.4-1: a bad string behind a good one is found as well", () => {
    const list: Property[] = [["userProperty", ["a", "b"]], ["reasonString", "fine"], ["userProperty", ["c", hex("ff")]]];
    expectNotConnectedBy(connack({ properties: list }), "ERR_MALFORMED_PACKET", 0x81);
  });

  it("MQTT-1.5.4-1: what a string may not have, binary data and payloads may", () => {
    const seen: (Uint8Array | undefined)[] = [];
    const { broker } = connect({ onMessage: ({ properties: received }) => seen.push(received.get("correlationData")) });
    const correlationData = hex("00 ed a0 80 ff");
    broker.send(publish({ topic: "t", payload: hex("00 ff"), properties: [["correlationData", correlationData]] }));
    broker.sendByteByByte(publish({ topic: "t", properties: [["correlationData", ""]] }));
    expect(seen).toEqual([correlationData, Uint8Array.of()]);
    broker.expectOpen();
  });

  it("MQTT-1.5.4-1: takes the first and the last character of every length, and those beside the surrogates", () => {
    for (const character of [...WELL_FORMED, WELL_FORMED.join("")]) {
      expectRead(character);
    }
  });

  it("MQTT-1.5.4-3: EF BB BF stays U+FEFF, at the start of a string and anywhere else", () => {
    for (const text of ["\ufeff", "\ufeffa", "a\ufeff", "a\ufeffb", "\ufeff\ufeff"]) expectRead(text);
  });

  it("MQTT-1.5.4-3: EF BB BF stays U+FEFF in text payloads too", () => {
    const { broker, events } = connect();
    broker.send(publish({ topic: "t", payload: hex("ef bb bf 61") }));
    expect(events).toEqual(["message t: \ufeffa"]);
  });

  it("MQTT-1.5.4-3: a topic with U+FEFF is another one than the same topic without", () => {
    const { broker, client, events } = connect();
    client.subscribe({ filter: "a", handler: () => events.push("handler") });
    broker.expect("SUBSCRIBE");
    broker.send(publish({ topic: "\ufeffa" }));
    expect(events).toEqual(["message \ufeffa: "]);
  });
});

describe("1.5.5 Variable Byte Integer", () => {
  const LENGTHS = [127, 128, 16_383, 16_384];

  for (const length of LENGTHS) {
    it(`MQTT-1.5.5-1: writes a Remaining Length of ${length} in as few bytes as it takes`, () => {
      const { broker, client } = connect({ packetSize: 20_000 }, { writeLimit: 20_000 });
      const payload = new Uint8Array(length - 4);
      client.publish("t", payload);
      broker.expectBytes(concat(hex("30"), variableByteInteger(length), hex("00 01 74 00"), payload));
      broker.expectNothing();
      client.publish("t", payload.subarray(2).slice(), 1);
      broker.expectBytes(concat(hex("32"), variableByteInteger(length), hex("00 01 74 00 01 00"), payload.subarray(2)));
      broker.expectNothing();
    });

    it(`MQTT-1.5.5-1: writes a Property Length of ${length} in as few bytes as it takes`, () => {
      const big = new Properties({ userProperties: { a: "b".repeat(length - 6) } });
      expect(big.bytes).toHaveLength(length);
      const { broker, client } = connect({ packetSize: 20_000 }, { writeLimit: 20_000 });
      const list = concat(variableByteInteger(length), big.bytes);
      client.publish("t", "x", 2, false, big);
      broker.expectBytes(packet(0x34, hex("00 01 74 00 01"), list, hex("78")));
      client.publish("t", "x", 0, false, big);
      broker.expectBytes(packet(0x30, hex("00 01 74"), list, hex("78")));
      client.subscribe({ filter: "a" }, undefined, big);
      broker.expectBytes(packet(0x82, hex("00 02"), list, hex("00 01 61 00")));
      client.unsubscribe("a", undefined, big);
      broker.expectBytes(packet(0xa2, hex("00 03"), list, hex("00 01 61")));
      client.close(4, big);
      broker.expectBytes(packet(0xe0, hex("04"), list));
      broker.expectClosed();
    });

    it(`MQTT-1.5.5-1: writes a Property Length of ${length} in CONNECT, and in its Will, in as few bytes as it takes`, () => {
      const userProperties = { a: "b".repeat(length - 9) }; // the Receive Maximum takes three bytes besides
      const will = { topic: "w", properties: new Properties({ userProperties: { a: "b".repeat(length - 6) } }) };
      const { broker } = start({ clientId: "c", packetSize: 60_000, userProperties, will }, { writeLimit: 60_000 });
      broker.transport.accept();
      const { bytes } = broker.expect("CONNECT", { clientId: "c", will: { topic: "w" }, properties: { receiveMaximum: 64 } });
      const size = variableByteInteger(length);
      const tail = concat(hex("00 01 63"), size, will.properties.bytes, hex("00 01 77 00 00"));
      expect([...bytes.slice(-tail.length)]).toEqual([...tail]);
      const lengthAt = bytes.length - tail.length - length - size.length;
      expect([...bytes.slice(0, lengthAt)]).toEqual([
        0x10,
        ...variableByteInteger(bytes.length - lengthAt + 10),
        ...hex("00 04 4d 51 54 54 05 06 00 3c"),
      ]);
      expect([...bytes.slice(lengthAt, lengthAt + size.length)]).toEqual([...size]);
    });

    it(`MQTT-1.5.5-1: reads a Property Length of ${length}`, () => {
      const value = "b".repeat(length - 6);
      const seen: unknown[] = [];
      const { broker, client } = awaitingConnack({
        clientId: "c",
        packetSize: 20_000,
        onConnect: (_, received) => seen.push(received.get("userProperties")),
        onMessage: (message) => seen.push(message.properties.get("userProperties"), message.text()),
      }, { writeLimit: 20_000 });
      broker.send(connack({ properties: [["userProperty", ["a", value]]] }));
      expect(client.connected).toBe(true);
      broker.send(publish({ topic: "t", payload: "text", properties: [["userProperty", ["a", value]]] }));
      expect(seen).toEqual([[["a", value]], [["a", value]], "text"]);
      broker.expectOpen();
    });
  }

  for (const length of [2_097_151, 2_097_152, 268_435_455])
    it(`MQTT-1.5.5-1: writes a Remaining Length of ${length} in as few bytes as it takes`, () => {
      const { broker, client } = connect();
      broker.transport.room = 512; // the first piece shows it
      client.publish("t", { length: length - 4, read: (_target, start, end) => end - start });
      const head = concat(hex("30"), variableByteInteger(length), hex("00 01 74 00"));
      broker.expectBytes(head);
    });

  it("MQTT-1.5.5-1: there is no Remaining Length above 268,435,455", () => {
    const { broker, client } = connect();
    const read = (): number => 0;
    expectRefused(() => client.publish("t", { length: 268_435_455 - 3, read }), "ERR_PACKET_SIZE");
    expectRefused(() => client.publish("t", { length: 268_435_455 - 5, read }, 1), "ERR_PACKET_SIZE");
    broker.expectNothing();
  });

  const INTEGERS = [1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455];
  for (const value of INTEGERS) {
    it(`MQTT-1.5.5-1: writes a Subscription Identifier of ${value} in as few bytes as it takes`, () => {
      const { broker, client } = connect();
      client.subscribe({ filter: "a" }, undefined, new Properties({ subscriptionIdentifier: value }));
      const list = properties([concat(hex("0b"), variableByteInteger(value))]);
      broker.expectBytes(packet(0x82, hex("00 01"), list, hex("00 01 61 00")));
    });

    it(`MQTT-1.5.5-1: reads a Subscription Identifier of ${value}`, () => {
      const seen: unknown[] = [];
      const { broker } = connect({ onMessage: (message) => seen.push(message.properties.get("subscriptionIdentifier")) });
      const bytes = publish({ topic: "t", properties: [["subscriptionIdentifier", value]] });
      broker.send(bytes);
      broker.sendByteByByte(bytes);
      expect(seen).toEqual([value, value]);
      broker.expectOpen();
    });
  }

  it("1.5.5: closes on a Property Length of more than four bytes", () => {
    for (const length of ["80 80 80 80 00", "80 80 80 80 01", "ff ff ff ff 7f", "ff ff ff ff ff"]) {
      expectNotConnectedBy(packet(0x20, hex("00 00"), hex(length)), "ERR_MALFORMED_PACKET", 0x81);
      for (const first of [0x40, 0x50, 0x62, 0x70])
        expectClosedBy(packet(first, hex("00 01 00"), hex(length)), "ERR_MALFORMED_PACKET", 0x81);
      for (const first of [0x90, 0xb0])
        expectClosedBy(packet(first, hex("00 01"), hex(length), hex("00")), "ERR_MALFORMED_PACKET", 0x81);
      expectClosedBy(packet(0x30, mqttString("t"), hex(length)), "ERR_MALFORMED_PACKET", 0x81);
      expectClosedBy(packet(0x32, mqttString("t"), hex("00 01"), hex(length)), "ERR_MALFORMED_PACKET", 0x81);
      expectClosedBy(packet(0xe0, hex("00"), hex(length)), "ERR_MALFORMED_PACKET", 0x81);
    }
  });

  it("1.5.5: closes on a Subscription Identifier of more than four bytes", () => {
    for (const value of ["80 80 80 80 00", "80 80 80 80 01", "ff ff ff ff 7f"]) {
      const violation = publish({ topic: "t", properties: [hex(`0b ${value}`)] });
      expectClosedBy(violation, "ERR_MALFORMED_PACKET", 0x81);
    }
  });

  it("1.5.5: a server's integer in more bytes than it takes is read as what it is, or refused as malformed", () => {
    for (const [list, name] of [
      ["87 00 1f 00 04 66 69 6e 65", "fine"],
      ["87 80 00 1f 00 04 66 69 6e 65", "fine"],
      ["87 80 80 00 1f 00 04 66 69 6e 65", "fine"],
      ["80 00", undefined],
    ] as const) {
      const seen: unknown[] = [];
      const { broker, client, events } = awaitingConnack({
        clientId: "c",
        reconnectPeriod: 0,
        onConnect: (_, received) => seen.push(received.get("reasonString")),
      });
      broker.send(packet(0x20, hex("00 00"), hex(list)));
      if (client.connected) expect(seen).toEqual([name]);
      else expect(events).toEqual(["disconnected ERR_MALFORMED_PACKET"]);
    }
  });
});

describe("1.5.7 UTF-8 String Pair", () => {
  it("MQTT-1.5.7-1: closes on pairs whose name or value is bad, wherever among other pairs", () => {
    const good: Property = ["userProperty", ["name", "value"]];
    for (const bad of [hex("ed a0 80"), hex("61 00"), hex("c0 80"), hex("ff")])
      for (const pair of [[bad, "value"], ["name", bad], [bad, bad], [bad, ""], ["", bad]] as const)
        for (const list of [[["userProperty", pair]], [good, ["userProperty", pair]], [["userProperty", pair], good]] as const) {
          expectNotConnectedBy(connack({ properties: list }), "ERR_MALFORMED_PACKET", 0x81);
          expectClosedBy(publish({ topic: "t", properties: list }), "ERR_MALFORMED_PACKET", 0x81);
          expectClosedBy(puback(1, 0, list), "ERR_MALFORMED_PACKET", 0x81);
        }
  });

  it("MQTT-1.5.7-1: pairs come as they were sent, in their order, names again and again, and empty ones too", () => {
    const pairs = [["a", "1"], ["a", "2"], ["", ""], ["b", ""], ["", "c"], ["a", "1"], ["é", "😀"]] as const;
    const list = pairs.map((pair): Property => ["userProperty", pair]);
    const seen: unknown[] = [];
    const { broker } = awaitingConnack({
      clientId: "c",
      onConnect: (_, received) => seen.push(received.get("userProperties")),
      onMessage: (message) => seen.push(message.properties.get("userProperties")),
    });
    broker.sendByteByByte(connack({ properties: list }));
    broker.send(publish({ topic: "t", properties: list }));
    expect(seen).toEqual([pairs, pairs]);
  });

  it("MQTT-1.5.7-1: pairs go out in the order given, names again and again, and empty ones too", () => {
    const pairs = [["a", "1"], ["a", "2"], ["", ""], ["b", ""], ["", "c"], ["a", "1"], ["é", "😀"]] as const;
    const { broker, client } = connect({ packetSize: 256 });
    client.publish("t", "", 0, false, new Properties({ userProperties: pairs }));
    broker.expect("PUBLISH", { properties: { userProperties: pairs } });
    client.publish("t", "", 0, false, new Properties({ userProperties: { a: ["1", "2"], b: "", "": ["c", "d"], e: [] } }));
    const expected = [["a", "1"], ["a", "2"], ["b", ""], ["", "c"], ["", "d"]] as const;
    broker.expect("PUBLISH", { properties: { userProperties: expected } });
  });
});

function pairsOf(received: ReceivedProperties): readonly unknown[] {
  const pairs: unknown = received.get("userProperties");
  return Array.isArray(pairs) ? pairs : [];
}

/** `text` must reach the application from every string of every packet that can be read there. */
function expectRead(text: string): void {
  const options: Partial<ClientOptions> = {
    ...ALL_WELCOME,
    packetSize: 1024,
    authenticator: { ...METHOD, method: text },
  };
  const seen: unknown[] = [];
  const { broker } = awaitingConnack({
    ...options,
    onConnect: (_, received) => {
      for (const name of ["assignedClientIdentifier", "authenticationMethod", "responseInformation", "serverReference"] as const)
        seen.push(received.get(name));
      seen.push(received.get("reasonString"), ...pairsOf(received).flat());
    },
    onMessage: (message) => {
      const { properties: received } = message;
      seen.push(message.topic, message.text(), received.get("contentType"), received.get("responseTopic"));
      seen.push(...pairsOf(received).flat());
    },
  });
  const list = Object.values(IN_CONNACK).slice(0, -2).map((property) => property(text));
  broker.sendByteByByte(connack({ properties: [...list, ["userProperty", [text, text]]] }));
  const message: Property[] = [["contentType", text], ["responseTopic", text], ["userProperty", [text, text]]];
  broker.sendByteByByte(publish({ topic: text, payload: text, properties: message }));
  expect(seen).toEqual(Array(13).fill(text));
  broker.expectOpen();
}
