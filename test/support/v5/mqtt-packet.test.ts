import * as fc from "fast-check";
import { generate, parser, type Packet } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import {
  auth,
  connack,
  disconnect,
  parsePackets,
  puback,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  suback,
  toHex,
  unsuback,
  type Form,
  type Property,
  type PropertyList,
  type QoS,
} from "./packets.js";
import { isPropertyName, namesOf, PROPERTIES, type PropertyName, type PropertyPlace, type PropertyType } from "./property-table.js";
import { CLIENT_REASON_CODES } from "./reason-codes.js";

// Both directions against another implementation: what we build, it must read, and what it builds, we must read.

const VERSION = { protocolVersion: 5 };

const identifier = fc.integer({ min: 1, max: 65_535 });
const qualityOfService = fc.constantFrom<QoS>(0, 1, 2);
const form = fc.constantFrom<Form>("short", "long");
const text = fc.string({ unit: "binary", maxLength: 30 }).filter((value) => !value.includes("\0"));
const data = fc.uint8Array({ maxLength: 200 });
const topicName = text.filter((value) => value !== "" && !/[+#]/.test(value));
const topicFilter = fc
  .tuple(fc.constantFrom("", "$share/group/"), topicName.filter((name) => !name.startsWith("$")), fc.constantFrom("", "/+", "/#"))
  .map((parts) => parts.join(""));

/** A name and its values, which stand side by side; mqtt-packet loses a first value that is empty, and sorts names that are numbers. */
const userProperty = fc.tuple(
  text.map((name) => `n${name}`),
  fc.array(
    text.map((value) => `v${value}`),
    { minLength: 1, maxLength: 3 },
  ),
);

type Value = number | string | Uint8Array;

/** Properties of one packet. */
interface Given {
  readonly single: Readonly<Record<string, Value | undefined>>;
  readonly user: readonly (readonly [name: string, values: readonly string[]])[];
}

function valuesOf(name: PropertyName): fc.Arbitrary<Value> {
  return name === "responseTopic" ? topicName : valuesOfType(PROPERTIES[name].type);
}

function valuesOfType(type: PropertyType): fc.Arbitrary<Value> {
  switch (type) {
    case "flag":
      return fc.integer({ min: 0, max: 1 });
    case "uint16":
      return fc.integer({ min: 0, max: 0xffff });
    case "positive uint16":
      return fc.integer({ min: 1, max: 0xffff });
    case "uint32":
      return fc.integer({ min: 0, max: 0xffffffff });
    case "positive uint32":
      return fc.integer({ min: 1, max: 0xffffffff });
    case "positive variable byte integer":
      return fc.integer({ min: 1, max: 268_435_455 });
    case "binary":
      return data;
    default:
      return text;
  }
}

/** Any properties that `sender` may send in `place`, with `required` among them. */
function propertiesOf(sender: "client" | "server", place: PropertyPlace, required: PropertyName[] = []): fc.Arbitrary<Given> {
  const names = namesOf(sender, place).filter((name) => name !== "userProperty");
  const single = fc.record(Object.fromEntries(names.map((name) => [name, valuesOf(name)])), { requiredKeys: required });
  const user = fc.uniqueArray(userProperty, { maxLength: 3, selector: ([name]) => name });
  return fc.record({ single, user });
}

/** As our parser gives them. */
function asParsed({ single, user }: Given): Record<string, unknown> {
  const pairs = user.flatMap(([name, values]) => values.map((value) => [name, value]));
  return pairs.length === 0 ? { ...single } : { ...single, userProperties: pairs };
}

/** As our builders take them. */
function asList({ single, user }: Given): PropertyList {
  const pairs = user.flatMap(([name, values]) => values.map((value): Property => ["userProperty", [name, value]]));
  // Sound, since every value was drawn for its name.
  return [...Object.entries(single).map((entry) => entry as unknown as Property), ...pairs];
}

/** As mqtt-packet gives and takes them: flags are booleans, but Maximum QoS, and bytes are Buffers. */
function asOfMqttPacket({ single, user }: Given): Record<string, unknown> {
  const entries = Object.entries(single).map(([name, value]) => [name, valueOfMqttPacket(name, value)] as const);
  if (user.length === 0) return Object.fromEntries(entries);
  const pairs = Object.fromEntries(user.map(([name, values]) => [name, values.length === 1 ? values[0] : values]));
  return { ...Object.fromEntries(entries), userProperties: pairs };
}

function valueOfMqttPacket(name: string, value: Value | undefined): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value);
  return isPropertyName(name) && name !== "maximumQoS" && PROPERTIES[name].type === "flag" ? value !== 0 : value;
}

/** What can be compared: without undefined values, null prototypes or Buffers. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}

/** What mqtt-packet reads from our bytes. */
function readByMqttPacket(bytes: Uint8Array): unknown {
  const found: Packet[] = [];
  const reader = parser(VERSION);
  reader.on("packet", (packet) => found.push(packet));
  reader.on("error", (error: Error) => {
    throw error;
  });
  reader.parse(Buffer.from(bytes));
  expect(found).toHaveLength(1);
  return plain(found[0]);
}

/** Our bytes must read as these fields, and these properties. */
function expectRead(bytes: Uint8Array, fields: Record<string, unknown>, given: Given): void {
  const properties = asOfMqttPacket(given);
  const expected = Object.keys(properties).length === 0 ? fields : { ...fields, properties };
  expect(readByMqttPacket(bytes)).toMatchObject(plain(expected) as Record<string, unknown>);
  if (expected === fields) expect(readByMqttPacket(bytes)).not.toHaveProperty("properties");
}

/** What mqtt-packet builds must read as this packet. */
function expectParsed(packet: Record<string, unknown>, expected: Record<string, unknown>): void {
  // Sound, since the fields are named and typed by its documentation, which is all that its types say.
  const bytes = generate(packet as unknown as Packet, VERSION);
  const [found, ...others] = parsePackets(new Uint8Array(bytes));
  expect(others).toEqual([]);
  expect(plain(found)).toEqual(plain({ ...expected, bytes: new Uint8Array(bytes) }));
}

describe("what our builders write, mqtt-packet reads", () => {
  it("CONNACK", () => {
    const reasonCode = fc.constantFrom(0, 0x80, 0x87, 0x9f);
    fc.assert(
      fc.property(fc.boolean(), reasonCode, propertiesOf("server", "CONNACK"), (sessionPresent, code, given) => {
        const bytes = connack({ sessionPresent, reasonCode: code, properties: asList(given) });
        expectRead(bytes, { cmd: "connack", sessionPresent, reasonCode: code }, given);
      }),
    );
  });

  it("PUBLISH", () => {
    const fields = fc.record({ topic: topicName, payload: data, qos: qualityOfService, retain: fc.boolean(), dup: fc.boolean() });
    fc.assert(
      fc.property(fields, identifier, propertiesOf("server", "PUBLISH"), (message, messageId, given) => {
        const dup = message.dup && message.qos > 0;
        const bytes = publish({ ...message, dup, identifier: messageId, properties: asList(given) });
        const used = message.qos === 0 ? {} : { messageId };
        expectRead(bytes, { cmd: "publish", ...message, dup, ...used }, given);
      }),
    );
  });

  it.each([
    ["PUBACK", puback, [0, 0x10, 0x87]],
    ["PUBREC", pubrec, [0, 0x10, 0x99]],
    ["PUBREL", pubrel, [0, 0x92]],
    ["PUBCOMP", pubcomp, [0, 0x92]],
  ] as const)("%s", (type, build, codes) => {
    const fields = fc.tuple(identifier, fc.constantFrom(...codes), form);
    fc.assert(
      fc.property(fields, propertiesOf("server", type), ([messageId, reasonCode, written], given) => {
        const bytes = build(messageId, reasonCode, asList(given), written);
        expectRead(bytes, { cmd: type.toLowerCase(), messageId, reasonCode }, given);
      }),
    );
  });

  it.each([
    ["SUBACK", suback, [0, 1, 2, 0x80, 0xa2]],
    ["UNSUBACK", unsuback, [0, 0x11, 0x80, 0x91]],
  ] as const)("%s", (type, build, codes) => {
    const granted = fc.array(fc.constantFrom<number>(...codes), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(identifier, granted, propertiesOf("server", type), (messageId, reasonCodes, given) => {
        const bytes = build(messageId, reasonCodes, asList(given));
        expectRead(bytes, { cmd: type.toLowerCase(), messageId, granted: reasonCodes }, given);
      }),
    );
  });

  it("DISCONNECT", () => {
    fc.assert(
      fc.property(fc.constantFrom(0, 0x82, 0x9d), propertiesOf("server", "DISCONNECT"), form, (reasonCode, given, written) => {
        expectRead(disconnect(reasonCode, asList(given), written), { cmd: "disconnect", reasonCode }, given);
      }),
    );
  });

  it("AUTH", () => {
    fc.assert(
      // mqtt-packet does not read the empty one, which stands for Success.
      fc.property(fc.constantFrom(0, 0x18), propertiesOf("server", "AUTH"), (reasonCode, given) => {
        expectRead(auth(reasonCode, asList(given), "long"), { cmd: "auth", reasonCode }, given);
      }),
    );
  });
});

describe("what mqtt-packet writes, our parser reads", () => {
  it("CONNECT", () => {
    const will = fc.record({ topic: topicName, payload: data, qos: qualityOfService, retain: fc.boolean() });
    const fields = fc.record({
      clientId: text,
      clean: fc.boolean(),
      keepalive: fc.integer({ min: 0, max: 65_535 }),
      // mqtt-packet leaves an empty one out.
      username: fc.option(text.filter((value) => value !== ""), { nil: undefined }),
      password: fc.option(data.filter((value) => value.length > 0), { nil: undefined }),
      will: fc.option(fc.tuple(will, propertiesOf("client", "WILL")), { nil: undefined }),
      given: propertiesOf("client", "CONNECT", ["authenticationMethod"]),
    });
    fc.assert(
      fc.property(fields, ({ will: message, given, ...others }) => {
        // Two things that 5.0 allows and 3.1.1 does not, mqtt-packet never writes; the parser's own tests have them.
        const clean = others.clean || others.clientId === "";
        const password = others.username === undefined ? undefined : others.password;
        const connect = {
          cmd: "connect",
          protocolId: "MQTT",
          ...VERSION,
          ...others,
          clean,
          password: password && Buffer.from(password),
          properties: asOfMqttPacket(given),
          will: message && { ...message[0], payload: Buffer.from(message[0].payload), properties: asOfMqttPacket(message[1]) },
        };
        expectParsed(connect, {
          type: "CONNECT",
          protocolName: "MQTT",
          ...VERSION,
          cleanStart: clean,
          keepalive: others.keepalive,
          clientId: others.clientId,
          username: others.username,
          password,
          properties: asParsed(given),
          will: message && { ...message[0], properties: asParsed(message[1]) },
        });
      }),
    );
  });

  it("PUBLISH", () => {
    const fields = fc.record({ payload: data, qos: qualityOfService, retain: fc.boolean(), dup: fc.boolean() });
    const named = fc.record({ topic: topicName, given: propertiesOf("client", "PUBLISH") });
    const aliased = fc.record({ topic: fc.constant(""), given: propertiesOf("client", "PUBLISH", ["topicAlias"]) });
    fc.assert(
      fc.property(fields, identifier, fc.oneof(named, aliased), (message, messageId, { topic, given }) => {
        const dup = message.dup && message.qos > 0;
        const payload = Buffer.from(message.payload);
        const properties = asOfMqttPacket(given);
        expectParsed(
          { cmd: "publish", ...message, payload, dup, topic, messageId, properties },
          { type: "PUBLISH", ...message, dup, topic, identifier: message.qos === 0 ? 0 : messageId, properties: asParsed(given) },
        );
      }),
    );
  });

  it.each(["PUBACK", "PUBREC", "PUBREL", "PUBCOMP"] as const)("%s", (type) => {
    const codes = fc.constantFrom<number>(...CLIENT_REASON_CODES[type]);
    fc.assert(
      fc.property(identifier, codes, propertiesOf("client", type), (messageId, reasonCode, given) => {
        expectParsed(
          { cmd: type.toLowerCase(), messageId, reasonCode, properties: asOfMqttPacket(given) },
          { type, identifier: messageId, reasonCode, properties: asParsed(given) },
        );
      }),
    );
  });

  it("SUBSCRIBE", () => {
    const subscription = fc.record({
      topicFilter,
      qos: qualityOfService,
      noLocal: fc.boolean(),
      retainAsPublished: fc.boolean(),
      retainHandling: fc.integer({ min: 0, max: 2 }),
    });
    const lines = fc.array(
      subscription.map((line) => ({ ...line, noLocal: line.noLocal && !line.topicFilter.startsWith("$share/") })),
      { minLength: 1, maxLength: 5 },
    );
    fc.assert(
      fc.property(identifier, lines, propertiesOf("client", "SUBSCRIBE"), (messageId, subscriptions, given) => {
        const asked = subscriptions.map((line) => ({
          topic: line.topicFilter,
          qos: line.qos,
          nl: line.noLocal,
          rap: line.retainAsPublished,
          rh: line.retainHandling,
        }));
        expectParsed(
          { cmd: "subscribe", messageId, subscriptions: asked, properties: asOfMqttPacket(given) },
          { type: "SUBSCRIBE", identifier: messageId, subscriptions, properties: asParsed(given) },
        );
      }),
    );
  });

  it("UNSUBSCRIBE", () => {
    const filters = fc.array(topicFilter, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(identifier, filters, propertiesOf("client", "UNSUBSCRIBE"), (messageId, topicFilters, given) => {
        expectParsed(
          { cmd: "unsubscribe", messageId, unsubscriptions: topicFilters, properties: asOfMqttPacket(given) },
          { type: "UNSUBSCRIBE", identifier: messageId, topicFilters, properties: asParsed(given) },
        );
      }),
    );
  });

  it("PINGREQ", () => {
    expectParsed({ cmd: "pingreq" }, { type: "PINGREQ" });
  });

  it.each([
    ["DISCONNECT", []],
    ["AUTH", ["authenticationMethod"]],
  ] as const)("%s", (type, required) => {
    const codes = fc.constantFrom<number>(...CLIENT_REASON_CODES[type]);
    fc.assert(
      fc.property(codes, propertiesOf("client", type, [...required]), (reasonCode, given) => {
        expectParsed(
          { cmd: type.toLowerCase(), reasonCode, properties: asOfMqttPacket(given) },
          { type, reasonCode, properties: asParsed(given) },
        );
      }),
    );
  });
});
