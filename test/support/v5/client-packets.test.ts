import { describe, expect, it } from "vitest";
import {
  connack,
  hex,
  mqttString,
  packet,
  parsePackets,
  pingresp,
  properties,
  puback,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  suback,
  uint16,
  unsuback,
  utf8,
  type ClientPacket,
  type PropertyList,
  type PublishFields,
} from "./packets.js";
import { CLIENT_REASON_CODES } from "./reason-codes.js";

/** The only packet in these bytes. */
function parsed(bytes: Uint8Array | string): ClientPacket {
  const [first, ...others] = parsePackets(typeof bytes === "string" ? hex(bytes) : bytes);
  expect(others).toEqual([]);
  return first;
}

/** A CONNECT with these flags and properties, and `payload` from its Client Identifier on. */
function connect(flags: number, list: PropertyList = [], ...payload: readonly Uint8Array[]): Uint8Array {
  const rest = payload.length === 0 ? [mqttString("c")] : payload;
  return packet(0x10, mqttString("MQTT"), Uint8Array.of(5, flags), uint16(60), properties(list), ...rest);
}

function withWill(list: PropertyList, topic: string | Uint8Array = "t"): Uint8Array {
  return connect(0x06, [], mqttString("c"), properties(list), mqttString(topic), mqttString("p"));
}

function subscribe(filter: string | Uint8Array, options = 0, list: PropertyList = []): Uint8Array {
  return packet(0x82, uint16(3), properties(list), mqttString(filter), Uint8Array.of(options));
}

function unsubscribe(filter: string): Uint8Array {
  return packet(0xa2, uint16(3), properties([]), mqttString(filter));
}

/** A PUBLISH with this fixed header, to topic "t", with identifier 1. */
function publishWithHeader(first: number): Uint8Array {
  return packet(first, mqttString("t"), uint16(1), properties([]));
}

function disconnect(reasonCode: number, list: PropertyList = []): Uint8Array {
  return packet(0xe0, Uint8Array.of(reasonCode), properties(list));
}

function auth(reasonCode: number, list: PropertyList = [["authenticationMethod", "m"]]): Uint8Array {
  return packet(0xf0, Uint8Array.of(reasonCode), properties(list));
}

describe("the parser takes apart what a client may send", () => {
  it("CONNECT, the least of it", () => {
    const bytes = hex("10 0d 00 04 4d 51 54 54 05 00 00 00 00 00 00");
    expect(parsed(bytes)).toEqual({
      type: "CONNECT",
      bytes,
      protocolName: "MQTT",
      protocolVersion: 5,
      cleanStart: false,
      keepalive: 0,
      properties: {},
      clientId: "",
      will: undefined,
      username: undefined,
      password: undefined,
    });
  });

  it("CONNECT, with all it can have", () => {
    const bytes = hex(`10 6d 00 04 4d 51 54 54 05 f6 00 3c
      2a 11 00 00 00 0a 21 00 05 27 00 00 01 00 22 00 03 19 01 17 00
         26 00 01 61 00 01 62 26 00 01 61 00 01 63 15 00 01 6d 16 00 01 ff
      00 01 63
      22 18 00 00 00 02 01 01 02 00 00 00 03 03 00 04 74 65 78 74 08 00 01 72 09 00 01 00 26 00 01 6e 00 01 76
      00 01 77 00 03 62 79 65 00 04 75 73 65 72 00 02 ff fe`);
    expect(parsed(bytes)).toMatchObject({
      cleanStart: true,
      keepalive: 60,
      clientId: "c",
      properties: {
        sessionExpiryInterval: 10,
        receiveMaximum: 5,
        maximumPacketSize: 256,
        topicAliasMaximum: 3,
        requestResponseInformation: 1,
        requestProblemInformation: 0,
        userProperties: [
          ["a", "b"],
          ["a", "c"],
        ],
        authenticationMethod: "m",
        authenticationData: hex("ff"),
      },
      will: {
        topic: "w",
        payload: utf8("bye"),
        qos: 2,
        retain: true,
        properties: {
          willDelayInterval: 2,
          payloadFormatIndicator: 1,
          messageExpiryInterval: 3,
          contentType: "text",
          responseTopic: "r",
          correlationData: hex("00"),
          userProperties: [["n", "v"]],
        },
      },
      username: "user",
      password: hex("ff fe"),
    });
  });

  it("CONNECT with a password and no user name", () => {
    expect(parsed(connect(0x40, [], mqttString("c"), mqttString("secret")))).toMatchObject({
      username: undefined,
      password: utf8("secret"),
    });
  });

  it("PUBLISH", () => {
    expect(parsed("32 0c 00 01 74 00 07 05 03 00 02 61 62 ff")).toMatchObject({
      type: "PUBLISH",
      topic: "t",
      identifier: 7,
      qos: 1,
      retain: false,
      dup: false,
      properties: { contentType: "ab" },
      payload: hex("ff"),
    });
  });

  it("PUBLISH with an alias in the place of its topic", () => {
    expect(parsed("31 06 00 00 03 23 00 01")).toMatchObject({
      topic: "",
      qos: 0,
      identifier: 0,
      retain: true,
      properties: { topicAlias: 1 },
    });
  });

  it.each([
    ["PUBACK", "40", "87"],
    ["PUBREC", "50", "87"],
    ["PUBREL", "62", "92"],
    ["PUBCOMP", "70", "92"],
  ])("%s in each of its forms", (type, first, failure) => {
    expect(parsed(`${first} 02 00 07`)).toMatchObject({ type, identifier: 7, reasonCode: 0, properties: {} });
    expect(parsed(`${first} 03 00 07 ${failure}`)).toMatchObject({ reasonCode: parseInt(failure, 16), properties: {} });
    expect(parsed(`${first} 04 00 07 00 00`)).toMatchObject({ reasonCode: 0, properties: {} });
    expect(parsed(`${first} 08 00 07 00 04 1f 00 01 78`)).toMatchObject({ reasonCode: 0, properties: { reasonString: "x" } });
  });

  it("SUBSCRIBE", () => {
    expect(parsed("82 14 00 03 02 0b 7f 00 03 61 2f 2b 2d 00 06 24 73 68 61 72 65 00")).toMatchObject({
      type: "SUBSCRIBE",
      identifier: 3,
      properties: { subscriptionIdentifier: 127 },
      subscriptions: [
        { topicFilter: "a/+", qos: 1, noLocal: true, retainAsPublished: true, retainHandling: 2 },
        { topicFilter: "$share", qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 },
      ],
    });
  });

  it("UNSUBSCRIBE", () => {
    expect(parsed("a2 09 00 03 00 00 01 23 00 01 62")).toMatchObject({ identifier: 3, properties: {}, topicFilters: ["#", "b"] });
  });

  it("PINGREQ", () => {
    expect(parsed("c0 00")).toEqual({ type: "PINGREQ", bytes: hex("c0 00") });
  });

  it("DISCONNECT in each of its forms", () => {
    expect(parsed("e0 00")).toMatchObject({ type: "DISCONNECT", reasonCode: 0, properties: {} });
    expect(parsed("e0 01 04")).toMatchObject({ reasonCode: 4, properties: {} });
    expect(parsed("e0 02 00 00")).toMatchObject({ reasonCode: 0, properties: {} });
    expect(parsed("e0 07 82 05 11 00 00 00 01")).toMatchObject({ reasonCode: 0x82, properties: { sessionExpiryInterval: 1 } });
  });

  it("AUTH", () => {
    expect(parsed("f0 0a 18 08 15 00 01 6d 16 00 01 00")).toMatchObject({
      type: "AUTH",
      reasonCode: 0x18,
      properties: { authenticationMethod: "m", authenticationData: hex("00") },
    });
  });

  it("several packets, in order", () => {
    expect(parsePackets(hex("c0 00 40 02 00 01 e0 00")).map(({ type }) => type)).toEqual(["PINGREQ", "PUBACK", "DISCONNECT"]);
  });

  it.each(["#", "+", "a/#", "+/+/#", "/", "$share/g/#", "$share/g//", "$share/g/$share/h/a", "$shared/x", "$SYS/#"])(
    "filter %s",
    (filter) => {
      expect(parsed(subscribe(filter))).toMatchObject({ subscriptions: [{ topicFilter: filter }] });
      expect(parsed(unsubscribe(filter))).toMatchObject({ topicFilters: [filter] });
    },
  );

  it("text with a byte order mark, which stays", () => {
    expect(parsed(publish({ topic: "\uFEFFt" }))).toMatchObject({ topic: "\uFEFFt" });
  });
});

const published = (fields: Partial<PublishFields>): Uint8Array => publish({ topic: "t", ...fields });

const REFUSED: Record<string, readonly (readonly [what: string, bytes: Uint8Array | string, why: string])[]> = {
  "any packet": [
    ["type 0", "00 00", "may not send RESERVED_0"],
    ["CONNACK", connack(), "may not send CONNACK"],
    ["SUBACK", suback(1, 0), "may not send SUBACK"],
    ["UNSUBACK", unsuback(1, 0), "may not send UNSUBACK"],
    ["PINGRESP", pingresp(), "may not send PINGRESP"],
    ["reserved flags of PUBACK", "41 02 00 01", "MQTT-2.1.3-1"],
    ["reserved flags of PUBREL", "60 02 00 01", "MQTT-2.1.3-1"],
    ["reserved flags of SUBSCRIBE", "80 07 00 01 00 00 01 61 00", "MQTT-2.1.3-1"],
    ["reserved flags of UNSUBSCRIBE", "a0 06 00 01 00 00 01 61", "MQTT-2.1.3-1"],
    ["reserved flags of DISCONNECT", "e1 00", "MQTT-2.1.3-1"],
    ["reserved flags of AUTH", "f1 06 18 04 15 00 01 6d", "MQTT-2.1.3-1"],
    ["identifier 0", "40 02 00 00", "packet identifier 0"],
    ["a cut off packet", "40 02 00", "cut off"],
    ["bytes behind the content", "c0 01 00", "past the end"],
    ["bytes behind the properties", "40 05 00 01 00 00 00", "past the end"],
    ["a Remaining Length that is longer than need be", "40 82 00 00 01", "in more bytes than it takes"],
    ["a Remaining Length of five bytes", "30 ff ff ff ff 01", "more than four bytes"],
  ],
  properties: [
    ["a Property Length that is longer than need be", puback(1, 0, hex("80 00")), "MQTT-1.5.5-1"],
    ["a Property Length of five bytes", puback(1, 0, hex("80 80 80 80 00")), "more than four bytes"],
    ["a Property Length past the end", puback(1, 0, hex("05 1f 00 01 78")), "bytes expected"],
    ["a Property Length that cuts a property", puback(1, 0, hex("03 1f 00 01 78")), "bytes expected"],
    ["no Property Length", "82 02 00 01", "bytes expected"],
    ["an identifier that does not exist", puback(1, 0, [hex("04 00")]), "4 is no property's identifier"],
    ["an identifier of two bytes that does not exist", puback(1, 0, [hex("81 01 00")]), "129 is no property's identifier"],
    ["an identifier that is longer than need be", puback(1, 0, [hex("9f 00 00 00")]), "MQTT-1.5.5-1"],
    ["a property twice", published({ properties: [["contentType", "a"], ["contentType", "a"]] }), "contentType twice"],
    ["text that is no UTF-8", puback(1, 0, [["reasonString", hex("c0 80")]]), "not valid"],
    ["text with a surrogate", puback(1, 0, [["reasonString", hex("ed a0 80")]]), "not valid"],
    ["text with U+0000", puback(1, 0, [["reasonString", "a\0"]]), "U+0000"],
    ["a pair whose name is no UTF-8", puback(1, 0, [["userProperty", [hex("ff"), ""]]]), "not valid"],
    ["a pair whose value has U+0000", puback(1, 0, [["userProperty", ["", "\0"]]]), "U+0000"],
  ],
  CONNECT: [
    ["another protocol", packet(0x10, mqttString("MQIsdp"), hex("05 02 00 00 00 00 00")), "not MQTT 5.0"],
    ["version 4", packet(0x10, mqttString("MQTT"), hex("04 02 00 00 00 00 00")), "not MQTT 5.0"],
    ["the reserved flag", connect(0x03), "MQTT-3.1.2-3"],
    ["QoS of a will that is not there", connect(0x0a), "MQTT-3.1.2-11"],
    ["Retain of a will that is not there", connect(0x22), "MQTT-3.1.2-13"],
    ["QoS 3 of a will", connect(0x1e, [], mqttString("c"), properties([]), mqttString("t"), mqttString("")), "QoS 3"],
    ["no Client Identifier", "10 0b 00 04 4d 51 54 54 05 02 00 00 00", "bytes expected"],
    ["a Client Identifier that is no UTF-8", connect(0x02, [], mqttString(hex("ff"))), "not valid"],
    ["a user name that is no UTF-8", connect(0x82, [], mqttString("c"), mqttString(hex("ff"))), "not valid"],
    ["a user name that is not announced", connect(0x02, [], mqttString("c"), mqttString("u")), "past the end"],
    ["a password that is announced and not there", connect(0x42, [], mqttString("c")), "bytes expected"],
    ["no Property Length of the will", connect(0x06, [], mqttString("c"), mqttString("t"), mqttString("")), "bytes expected"],
    ["an empty Will Topic", withWill([], ""), "MQTT-4.7.3-1"],
    ["a wildcard in the Will Topic", withWill([], "a/#"), "MQTT-4.7.0-1"],
    ["a Will Topic that is no UTF-8", withWill([], hex("ff")), "not valid"],
    ["a wildcard in the will's Response Topic", withWill([["responseTopic", "+"]]), "MQTT-4.7.0-1"],
    ["a Topic Alias of the will", withWill([["topicAlias", 1]]), "topicAlias in WILL"],
    ["a property of the session in the will", withWill([["sessionExpiryInterval", 1]]), "sessionExpiryInterval in WILL"],
    ["a property of the will for the session", connect(0x02, [["willDelayInterval", 1]]), "willDelayInterval in CONNECT"],
    ["a property of CONNACK", connect(0x02, [["maximumQoS", 1]]), "maximumQoS in CONNECT"],
    ["a Reason String", connect(0x02, [["reasonString", ""]]), "reasonString in CONNECT"],
    ["Receive Maximum 0", connect(0x02, [["receiveMaximum", 0]]), "receiveMaximum is 0"],
    ["Maximum Packet Size 0", connect(0x02, [["maximumPacketSize", 0]]), "maximumPacketSize is 0"],
    ["Request Problem Information 2", connect(0x02, [["requestProblemInformation", 2]]), "neither 0 nor 1"],
    ["Request Response Information 2", connect(0x02, [["requestResponseInformation", 2]]), "neither 0 nor 1"],
    ["authentication data without a method", connect(0x02, [["authenticationData", ""]]), "without Authentication Method"],
  ],
  PUBLISH: [
    ["DUP with QoS 0", published({ dup: true }), "MQTT-3.3.1-2"],
    ["QoS 3", publishWithHeader(0x36), "QoS 3"],
    ["identifier 0", published({ qos: 1, identifier: 0 }), "packet identifier 0"],
    ["no topic and no alias", published({ topic: "" }), "MQTT-4.7.3-1"],
    ["a wildcard in the topic", published({ topic: "a/+" }), "MQTT-4.7.0-1"],
    ["a wildcard in the topic of an alias", published({ topic: "#", properties: [["topicAlias", 1]] }), "MQTT-4.7.0-1"],
    ["a topic that is no UTF-8", published({ topic: hex("f4 90 80 80") }), "not valid"],
    ["a topic with U+0000", published({ topic: "\0" }), "U+0000"],
    ["Topic Alias 0", published({ properties: [["topicAlias", 0]] }), "topicAlias is 0"],
    ["Payload Format Indicator 2", published({ properties: [["payloadFormatIndicator", 2]] }), "neither 0 nor 1"],
    ["a Subscription Identifier", published({ properties: [["subscriptionIdentifier", 1]] }), "Identifier in PUBLISH"],
    ["a wildcard in the Response Topic", published({ properties: [["responseTopic", "a/#"]] }), "MQTT-4.7.0-1"],
    ["an empty Response Topic", published({ properties: [["responseTopic", ""]] }), "MQTT-4.7.3-1"],
    ["a Reason String", published({ properties: [["reasonString", ""]] }), "reasonString in PUBLISH"],
    ["Will Delay", published({ properties: [["willDelayInterval", 1]] }), "willDelayInterval in PUBLISH"],
  ],
  acknowledgements: [
    ["No matching subscribers, which servers say, in PUBACK", puback(1, 0x10), "PUBACK with reason code 0x10"],
    ["No matching subscribers, which servers say, in PUBREC", pubrec(1, 0x10), "PUBREC with reason code 0x10"],
    ["a property of messages", puback(1, 0, [["contentType", ""]]), "contentType in PUBACK"],
    ["an alias", pubcomp(1, 0, [["topicAlias", 1]]), "topicAlias in PUBCOMP"],
    ["a Reason String twice", pubrel(1, 0, [["reasonString", ""], ["reasonString", ""]]), "reasonString twice"],
  ],
  SUBSCRIBE: [
    ["identifier 0", "82 07 00 00 00 00 01 61 00", "packet identifier 0"],
    ["no filter", "82 03 00 01 00", "bytes expected"],
    ["a filter without options", "82 06 00 01 00 00 01 61", "bytes expected"],
    ["QoS 3", subscribe("a", 3), "QoS 3"],
    ["Retain Handling 3", subscribe("a", 0x30), "Retain Handling 3"],
    ["reserved option bit 6", subscribe("a", 0x40), "MQTT-3.8.3-5"],
    ["reserved option bit 7", subscribe("a", 0x80), "MQTT-3.8.3-5"],
    ["an empty filter", subscribe(""), "MQTT-4.7.3-1"],
    ["a filter that is no UTF-8", subscribe(hex("80")), "not valid"],
    ['"#" before the end', subscribe("#/a"), "MQTT-4.7.1-1"],
    ['"#" beside others', subscribe("a#"), "MQTT-4.7.1-1"],
    ['"+" beside others', subscribe("a/b+"), "MQTT-4.7.1-2"],
    ["No Local on a Shared Subscription", subscribe("$share/g/a", 4), "MQTT-3.8.3-4"],
    ["an empty ShareName", subscribe("$share//a"), "MQTT-4.8.2-1"],
    ["a wildcard in a ShareName", subscribe("$share/g+/a"), "MQTT-4.8.2-2"],
    ["a ShareName and no filter", subscribe("$share/g"), "MQTT-4.8.2-2"],
    ["a ShareName and an empty filter", subscribe("$share/g/"), "MQTT-4.7.3-1"],
    ["a shared filter with a misplaced wildcard", subscribe("$share/g/a#"), "MQTT-4.7.1-1"],
    ["Subscription Identifier 0", subscribe("a", 0, [["subscriptionIdentifier", 0]]), "subscriptionIdentifier is 0"],
    [
      "two Subscription Identifiers",
      subscribe("a", 0, [["subscriptionIdentifier", 1], ["subscriptionIdentifier", 2]]),
      "subscriptionIdentifier twice",
    ],
    ["a Reason String", subscribe("a", 0, [["reasonString", ""]]), "reasonString in SUBSCRIBE"],
  ],
  UNSUBSCRIBE: [
    ["no filter", "a2 03 00 01 00", "bytes expected"],
    ["an empty filter", unsubscribe(""), "MQTT-4.7.3-1"],
    ["a malformed share", unsubscribe("$share/g"), "MQTT-4.8.2-2"],
    ["a Subscription Identifier", "a2 08 00 01 02 0b 01 00 01 61", "subscriptionIdentifier in UNSUBSCRIBE"],
  ],
  "DISCONNECT and AUTH": [
    ["a Server Reference", disconnect(0, [["serverReference", "s"]]), "serverReference in DISCONNECT"],
    ["a reason string twice", disconnect(0, [["reasonString", ""], ["reasonString", ""]]), "reasonString twice"],
    ["an empty AUTH, which is a server's Success", "f0 00", "bytes expected"],
    ["AUTH without a Property Length", "f0 01 18", "bytes expected"],
    ["AUTH without a method", auth(0x18, []), "without Authentication Method"],
    ["two methods", auth(0x18, [["authenticationMethod", "m"], ["authenticationMethod", "m"]]), "authenticationMethod twice"],
    ["a property that does not belong there", auth(0x19, [["sessionExpiryInterval", 1]]), "sessionExpiryInterval in AUTH"],
  ],
};

describe("the parser refuses", () => {
  for (const [where, cases] of Object.entries(REFUSED))
    describe(where, () => {
      it.each(cases)("%s", (_what, bytes, why) => {
        expect(() => parsed(bytes)).toThrow(why);
      });
    });

  const ALL = Array.from({ length: 256 }, (_, reasonCode) => reasonCode);
  const BUILDERS = {
    PUBACK: (reasonCode: number) => puback(1, reasonCode),
    PUBREC: (reasonCode: number) => pubrec(1, reasonCode),
    PUBREL: (reasonCode: number) => pubrel(1, reasonCode),
    PUBCOMP: (reasonCode: number) => pubcomp(1, reasonCode),
    DISCONNECT: disconnect,
    AUTH: auth,
  };

  it.each([
    ["PUBACK", "0 128 131 135 144 145 151 153"],
    ["PUBREC", "0 128 131 135 144 145 151 153"],
    ["PUBREL", "0 146"],
    ["PUBCOMP", "0 146"],
    ["DISCONNECT", "0 4 128 129 130 131 144 147 148 149 150 151 152 153"],
    ["AUTH", "24 25"],
  ] as const)("%s with every reason code but %s", (type, codes) => {
    const accepted = ALL.filter((reasonCode) => {
      try {
        return parsed(BUILDERS[type](reasonCode)).type === type;
      } catch (error) {
        expect(String(error)).toContain("may not send");
        return false;
      }
    });
    expect(accepted.join(" ")).toBe(codes);
    expect(accepted).toEqual(CLIENT_REASON_CODES[type]);
  });
});
