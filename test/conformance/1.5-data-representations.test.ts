import { describe, expect, it } from "vitest";
import { hex, publish, puback, pubrec } from "../support/packets.js";
import { connect, connectPacket, expectClosedBy, expectRefused, start } from "./support.js";

/** Text that UTF-8 cannot express. */
const LONE_SURROGATES = { "a high surrogate": "a\ud800", "a low surrogate": "\udc00a", "a pair the wrong way round": "\udc00\ud800" };

/** Every place where a client's user hands over a string, but those of topics and filters, with the error's code. */
const CONNECT_STRINGS = {
  clientId: (text: string) => () => start({ clientId: text }),
  username: (text: string) => () => start({ username: text }),
};
const TOPIC_STRINGS = {
  "the Will Topic": (text: string) => () => start({ will: { topic: text } }),
  "a Topic Name": (text: string) => () => connect().client.publish(text, ""),
};
const FILTER_STRINGS = {
  "a Topic Filter of SUBSCRIBE": (text: string) => () => connect().client.subscribe({ filter: text }),
  "a Topic Filter of UNSUBSCRIBE": (text: string) => () => connect().client.unsubscribe(text),
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

describe("1.5.3 UTF-8 encoded strings", () => {
  for (const [what, text] of Object.entries(LONE_SURROGATES)) {
    for (const [where, use] of Object.entries(CONNECT_STRINGS))
      it(`MQTT-1.5.3-1: refuses ${what} in ${where}`, () => expectRefused(use(text), "ERR_ARGUMENT", where));
    for (const [where, use] of Object.entries(TOPIC_STRINGS))
      it(`MQTT-1.5.3-1: refuses ${what} in ${where}`, () => expectRefused(use(text), "ERR_TOPIC"));
    for (const [where, use] of Object.entries(FILTER_STRINGS))
      it(`MQTT-1.5.3-1: refuses ${what} in ${where}`, () => expectRefused(use(text), "ERR_TOPIC_FILTER"));
    it(`MQTT-1.5.3-1: refuses ${what} in a payload given as text`, () => {
      const { broker, client } = connect();
      expectRefused(() => client.publish("t", text), "ERR_ARGUMENT", "payload");
      broker.expectNothing();
    });
  }

  it("MQTT-1.5.3-1: sends characters of one to four bytes as UTF-8, their length in bytes before them", () => {
    const { broker, client } = connect();
    client.publish("aé€😀", "");
    broker.expectBytes("30 0c 00 0a 61 c3 a9 e2 82 ac f0 9f 98 80");
    client.subscribe({ filter: "é/+" });
    broker.expectBytes("82 09 00 01 00 04 c3 a9 2f 2b 00");
    client.unsubscribe("é/+");
    broker.expectBytes("a2 08 00 02 00 04 c3 a9 2f 2b");
    broker.expectNothing();
  });

  it("MQTT-1.5.3-1: sends the strings of CONNECT as UTF-8", () => {
    const bytes = connectPacket({ clientId: "é", username: "€", will: { topic: "😀" } });
    expect([...bytes.slice(12)]).toEqual([...hex("00 02 c3 a9 00 04 f0 9f 98 80 00 00 00 03 e2 82 ac")]);
  });

  for (const [what, bytes] of Object.entries(ILL_FORMED)) {
    it(`MQTT-1.5.3-1: closes on a Topic Name with ${what}`, () => {
      expectClosedBy(publish({ topic: hex(`61 ${bytes}`), payload: hex("80 80 80") }), "ERR_MALFORMED_PACKET");
      expectClosedBy(publish({ topic: hex(`61 ${bytes}`), payload: hex("a9"), qos: 1, identifier: 0xa9a9 }), "ERR_MALFORMED_PACKET");
      expectClosedBy(publish({ topic: hex(`61 2f ${bytes}`), qos: 2, identifier: 0x8080 }), "ERR_MALFORMED_PACKET");
    });
  }

  it("MQTT-1.5.3-1: closes on a bad Topic Name though the message is larger than the buffer", () => {
    const payload = new Uint8Array(100);
    expectClosedBy(publish({ topic: hex("61 ed a0 80"), payload }), "ERR_MALFORMED_PACKET", { packetSize: 32 });
  });

  it("MQTT-1.5.3-1: takes the first and the last character of every length, and those beside the surrogates", () => {
    const { broker, events } = connect();
    for (const character of WELL_FORMED) broker.sendByteByByte(publish({ topic: character, payload: character }));
    expect(events).toEqual(WELL_FORMED.map((character) => `message ${character}: ${character}`));
    broker.expectOpen();
  });

  for (const [where, use] of Object.entries(CONNECT_STRINGS))
    it(`MQTT-1.5.3-2: refuses U+0000 in ${where}`, () => expectRefused(use("a\0b"), "ERR_ARGUMENT", where));
  for (const [where, use] of Object.entries(TOPIC_STRINGS))
    it(`MQTT-1.5.3-2: refuses U+0000 in ${where}`, () => expectRefused(use("a\0b"), "ERR_TOPIC"));
  for (const [where, use] of Object.entries(FILTER_STRINGS))
    it(`MQTT-1.5.3-2: refuses U+0000 in ${where}`, () => expectRefused(use("a\0b"), "ERR_TOPIC_FILTER"));

  for (const topic of ["\0", "\0a", "a\0b", "a\0"]) {
    it(`MQTT-1.5.3-2: closes on the Topic Name ${JSON.stringify(topic)}`, () => {
      expectClosedBy(publish({ topic }), "ERR_MALFORMED_PACKET");
      expectClosedBy(publish({ topic, qos: 1, identifier: 1 }), "ERR_MALFORMED_PACKET");
      expectClosedBy(publish({ topic, qos: 2, identifier: 1 }), "ERR_MALFORMED_PACKET");
    });
  }

  it("MQTT-1.5.3-2: a payload is no string and may hold zeros, both ways", () => {
    const { broker, client, events } = connect();
    client.publish("t", "\0");
    broker.expectBytes("30 04 00 01 74 00");
    broker.send("30 04 00 01 74 00");
    expect(events).toEqual(["message t: \0"]);
  });

  it("MQTT-1.5.3-3: EF BB BF stays U+FEFF, at the start of a Topic Name and anywhere else", () => {
    const { broker, events } = connect();
    broker.send("30 06 00 04 ef bb bf 61");
    broker.send("33 0a 00 06 61 ef bb bf 2f 62 00 07");
    broker.expectBytes(puback(7));
    broker.send("34 07 00 03 ef bb bf 00 08");
    broker.expectBytes(pubrec(8));
    expect(events).toEqual(["message \ufeffa: ", "message a\ufeff/b: ", "message \ufeff: "]);
  });

  it("MQTT-1.5.3-3: EF BB BF stays U+FEFF in text payloads too", () => {
    const { broker, events } = connect();
    broker.send(publish({ topic: "t", payload: hex("ef bb bf 61") }));
    expect(events).toEqual(["message t: \ufeffa"]);
  });

  it("MQTT-1.5.3-3: a topic with U+FEFF is another one than the same topic without", () => {
    const { broker, client, events } = connect();
    client.subscribe({ filter: "a", handler: () => events.push("handler") });
    broker.expect("SUBSCRIBE");
    broker.send("30 06 00 04 ef bb bf 61");
    expect(events).toEqual(["message \ufeffa: "]);
  });

  it("MQTT-1.5.3-3: U+FEFF is sent like any other character", () => {
    const { broker, client } = connect();
    client.publish("\ufeffa", "\ufeff");
    broker.expectBytes("30 09 00 04 ef bb bf 61 ef bb bf");
  });
});
