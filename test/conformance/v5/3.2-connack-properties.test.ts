import { describe, expect, it } from "vitest";
import type { Authenticator, ClientOptions, ReceivedProperties } from "mqtt-xs/v5";
import {
  concat,
  connack,
  hex,
  packet,
  property,
  variableByteInteger,
  type Property,
} from "../../support/v5/packets.js";
import { namesOf, PROPERTIES, type PropertyName } from "../../support/v5/property-table.js";
import { awaitingConnack, connect, expectNotConnectedBy, type Fixture } from "./support.js";

const NAMED = { clientId: "c" } as const;

const METHOD: Authenticator = { method: "m", begin: () => undefined, challenge: () => undefined, finish: () => undefined };

/** With these, a server may send every property that there is. */
const ALL_WELCOME: Partial<ClientOptions> = { ...NAMED, authenticator: METHOD, requestResponseInformation: true };

/** One of each property that a CONNACK may have. */
const EACH: readonly Property[] = [
  ["sessionExpiryInterval", 0x01020304],
  ["assignedClientIdentifier", "c"],
  ["serverKeepAlive", 0x0506],
  ["authenticationMethod", "m"],
  ["authenticationData", hex("00 ff")],
  ["responseInformation", "info"],
  ["serverReference", "other"],
  ["reasonString", "reason"],
  ["receiveMaximum", 0x0708],
  ["topicAliasMaximum", 0x090a],
  ["maximumQoS", 1],
  ["retainAvailable", 0],
  ["userProperty", ["name", "value"]],
  ["maximumPacketSize", 0x0b0c0d0e],
  ["wildcardSubscriptionAvailable", 0],
  ["subscriptionIdentifiersAvailable", 0],
  ["sharedSubscriptionAvailable", 0],
];

const TRUTHS = [
  "retainAvailable",
  "wildcardSubscriptionAvailable",
  "subscriptionIdentifiersAvailable",
  "sharedSubscriptionAvailable",
] as const;

/** What makes a CONNACK with this property alone legal. */
function companions(name: PropertyName): readonly Property[] {
  return name === "authenticationMethod" ? [] : [["authenticationMethod", "m"]];
}

/** A CONNACK whose Property Length and properties are these bytes, and whose reason code is this. */
function withBytes(list: string | Uint8Array, reasonCode = 0): Uint8Array {
  return packet(0x20, Uint8Array.of(0, reasonCode), typeof list === "string" ? hex(list) : list);
}

/** Everything that can be read of the properties, by names. */
function readAll(received: ReceivedProperties): Record<string, unknown> {
  const names = namesOf("server", "CONNACK").map((name) => (name === "userProperty" ? "userProperties" : name));
  return Object.fromEntries(names.map((name) => [name, received.get(name)]));
}

interface Accepted extends Fixture {
  /** What the application was told of the properties. */
  readonly seen: Record<string, unknown>;
}

/** A client that the server has accepted with these properties. */
function accepted(list: readonly (Property | Uint8Array)[], byteByByte = false): Accepted {
  let seen: Record<string, unknown> | undefined;
  const fixture = awaitingConnack({ ...ALL_WELCOME, onConnect: (_, received) => (seen = readAll(received)) });
  if (byteByByte) fixture.broker.sendByteByByte(connack({ properties: list }));
  else fixture.broker.send(connack({ properties: list }));
  if (seen === undefined) throw new Error(`the client was expected to take ${JSON.stringify(list)}: ${fixture.events.join()}`);
  return { ...fixture, seen };
}

describe("3.2.2.3 CONNACK Properties, as they are handed over", () => {
  it("the list above is that of the standard", () => {
    expect(EACH.map(([name]) => name).toSorted()).toEqual([...namesOf("server", "CONNACK")].toSorted());
  });

  const EXPECTED = {
    sessionExpiryInterval: 0x01020304,
    assignedClientIdentifier: "c",
    serverKeepAlive: 0x0506,
    authenticationMethod: "m",
    authenticationData: hex("00 ff"),
    responseInformation: "info",
    serverReference: "other",
    reasonString: "reason",
    receiveMaximum: 0x0708,
    topicAliasMaximum: 0x090a,
    maximumQoS: 1,
    retainAvailable: false,
    userProperties: [["name", "value"]],
    maximumPacketSize: 0x0b0c0d0e,
    wildcardSubscriptionAvailable: false,
    subscriptionIdentifiersAvailable: false,
    sharedSubscriptionAvailable: false,
  };

  it("3.2.2.3: all of them together, whole and byte by byte, in any order", () => {
    for (let first = 0; first < EACH.length; first++) {
      const rotated = [...EACH.slice(first), ...EACH.slice(0, first)];
      expect(accepted(rotated).seen).toEqual(EXPECTED);
      expect(accepted(rotated.toReversed(), true).seen).toEqual(EXPECTED);
    }
  });

  it("3.2.2.3: client.server tells the limits", () => {
    const { client } = accepted(EACH);
    expect(client.server).toMatchObject({
      receiveMaximum: 0x0708,
      maximumQoS: 1,
      retainAvailable: false,
      maximumPacketSize: 0x0b0c0d0e,
      topicAliasMaximum: 0x090a,
      wildcardSubscriptionAvailable: false,
      subscriptionIdentifiersAvailable: false,
      sharedSubscriptionAvailable: false,
      keepalive: 0x0506,
      sessionExpiryInterval: 0x01020304,
    });
  });

  const DEFAULTS = {
    receiveMaximum: 65_535,
    maximumQoS: 2,
    retainAvailable: true,
    topicAliasMaximum: 0,
    wildcardSubscriptionAvailable: true,
    subscriptionIdentifiersAvailable: true,
    sharedSubscriptionAvailable: true,
    keepalive: undefined,
    sessionExpiryInterval: undefined,
  };

  it("3.2.2.3: without them, client.server tells the standard's defaults: before CONNACK, after it, and again after all", () => {
    const { client } = awaitingConnack(NAMED);
    expect(client.server).toMatchObject(DEFAULTS);
    expect(connect(NAMED).client.server).toMatchObject(DEFAULTS);
    const { broker, client: limited } = accepted(EACH);
    broker.drop();
    broker.advance(0);
    broker.acceptConnection({ properties: [["authenticationMethod", "m"]] });
    expect(limited.server).toMatchObject(DEFAULTS);
    expect(limited.server.maximumPacketSize).toBeGreaterThanOrEqual(268_435_460);
  });

  it("3.2.2.3: each of them alone, and no other", () => {
    for (const each of EACH) {
      const [name] = each;
      const { seen } = accepted([...companions(name), each]);
      const present = Object.keys(seen).filter((key) => seen[key] !== undefined && key !== "authenticationMethod");
      const key = name === "userProperty" ? "userProperties" : name;
      expect(present).toEqual(name === "authenticationMethod" ? [] : [key]);
      expect(seen[key]).toEqual(Reflect.get(EXPECTED, key));
    }
  });

  const BOUNDARIES = {
    sessionExpiryInterval: [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff],
    serverKeepAlive: [0, 1, 0x7fff, 0x8000, 0xffff],
    receiveMaximum: [1, 2, 0x7fff, 0x8000, 0xffff],
    topicAliasMaximum: [0, 1, 0x7fff, 0x8000, 0xffff],
    maximumQoS: [0, 1],
    maximumPacketSize: [16, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff],
  } as const;
  for (const [name, values] of Object.entries(BOUNDARIES))
    it(`3.2.2.3: ${name} of ${values.join(", ")} is taken for what it is`, () => {
      for (const value of values) {
        // Sound: the names are those of numbers.
        const each = [name, value] as unknown as Property;
        const { seen, client, broker } = accepted([...companions("receiveMaximum"), each]);
        expect(seen).toMatchObject({ [name]: value });
        expect(client.server).toMatchObject({ [name === "serverKeepAlive" ? "keepalive" : name]: value });
        broker.expectOpen();
      }
    });

  for (const name of TRUTHS)
    it(`3.2.2.3: ${name} of 0 and 1 is taken for what it is`, () => {
      for (const value of [0, 1]) {
        const { seen, client } = accepted([...companions(name), [name, value]]);
        expect([seen[name], client.server[name]]).toEqual([value === 1, value === 1]);
      }
    });

  const TEXTS = ["responseInformation", "serverReference", "reasonString"] as const;
  for (const name of TEXTS)
    it(`3.2.2.3: ${name} may be empty, or fill the buffer`, () => {
      for (const text of ["", "é", "a".repeat(450)]) expect(accepted([...companions(name), [name, text]]).seen[name]).toBe(text);
    });

  it("3.2.2.3: authentication data may be empty, and any bytes", () => {
    for (const data of [hex(""), hex("00"), new Uint8Array(400).fill(0xff)])
      expect(accepted([["authenticationMethod", "m"], ["authenticationData", data]]).seen.authenticationData).toEqual(data);
  });

  it("3.2.2.3: they are gone after the call, and of the next CONNACK the next time", () => {
    const seen: unknown[] = [];
    const { broker } = awaitingConnack({ ...NAMED, onConnect: (_, received) => seen.push(received.get("reasonString")) });
    broker.send(connack({ properties: [["reasonString", "first"]] }));
    broker.drop();
    broker.advance(0);
    broker.acceptConnection({ properties: [["reasonString", "second"]] });
    broker.drop();
    broker.advance(0);
    broker.acceptConnection();
    expect(seen).toEqual(["first", "second", undefined]);
  });

  it("3.2.2.3: onDisconnect has none of a CONNACK that came before it", () => {
    const seen: unknown[] = [];
    const { broker } = awaitingConnack({ ...NAMED, onDisconnect: (_, received) => seen.push(received.get("reasonString")) });
    broker.send(connack({ properties: [["reasonString", "first"]] }));
    broker.drop();
    expect(seen).toEqual([undefined]);
  });
});

describe("3.2.2.3 CONNACK Properties that break the standard", () => {
  for (const each of EACH) {
    const [name] = each;
    if (name === "userProperty") continue;
    it(`3.2.2.3: closes on ${name} twice, next to itself or with others between, with the same value or another`, () => {
      const list = [...companions(name), each];
      const between: Property = ["userProperty", ["a", "b"]];
      for (const twice of [[...list, each], [each, ...list], [...list, between, each], [...EACH, each]]) {
        expectNotConnectedBy(connack({ properties: twice }), "ERR_PROTOCOL", 0x82, ALL_WELCOME);
        expectNotConnectedBy(connack({ properties: twice, reasonCode: 0x87 }), "ERR_PROTOCOL", 0x82, ALL_WELCOME);
      }
    });
  }

  it("3.2.2.3.10: takes the same User Property again and again", () => {
    const pair: Property = ["userProperty", ["a", "b"]];
    expect(accepted([["authenticationMethod", "m"], pair, pair, pair]).seen.userProperties).toEqual(Array(3).fill(["a", "b"]));
  });

  const ALLOWED = new Set<number>(namesOf("server", "CONNACK").map((name) => PROPERTIES[name].identifier));

  it("2.2.2.2: closes on every identifier of 0 to 255 that does not belong in CONNACK, alone or behind others", () => {
    const values = ["", "00", "01", "00 01", "00 00", "00 01 61", "00 00 00 00", "00 00 00 01", "00 01 61 00 01 62"];
    for (let identifier = 0; identifier < 256; identifier++) {
      if (ALLOWED.has(identifier)) continue;
      for (const value of values) {
        const misplaced = concat(Uint8Array.of(identifier), hex(value));
        expectNotConnectedBy(connack({ properties: [misplaced] }), "ERR_MALFORMED_PACKET", 0x81, NAMED);
      }
      const behind = connack({ properties: [["reasonString", "a"], Uint8Array.of(identifier, 1)] });
      expectNotConnectedBy(behind, "ERR_MALFORMED_PACKET", 0x81, NAMED);
      const refusing = connack({ reasonCode: 0x87, properties: [Uint8Array.of(identifier, 1)] });
      expectNotConnectedBy(refusing, "ERR_MALFORMED_PACKET", 0x81, NAMED);
    }
  });

  const MISPLACED: readonly Property[] = [
    ["payloadFormatIndicator", 1],
    ["messageExpiryInterval", 1],
    ["contentType", "a"],
    ["responseTopic", "a"],
    ["correlationData", "a"],
    ["subscriptionIdentifier", 1],
    ["requestProblemInformation", 1],
    ["willDelayInterval", 1],
    ["requestResponseInformation", 1],
    ["topicAlias", 1],
  ];
  for (const each of MISPLACED)
    it(`2.2.2.2: closes on ${each[0]}, which belongs in other packets`, () => {
      expect(ALLOWED.has(PROPERTIES[each[0]].identifier)).toBe(false);
      expectNotConnectedBy(connack({ properties: [each] }), "ERR_MALFORMED_PACKET", 0x81, NAMED);
      expectNotConnectedBy(connack({ properties: [...EACH, each] }), "ERR_MALFORMED_PACKET", 0x81, ALL_WELCOME);
    });

  it("2.2.2.2: closes on identifiers of more than one byte, of which there are none", () => {
    for (const identifier of [128, 129, 0x1f + 128, 0x1f00, 16_383, 16_384, 2_097_152, 268_435_455])
      for (const value of ["00", "00 00", "00 01 61", "00 00 00 01"]) {
        const bytes = concat(variableByteInteger(identifier), hex(value));
        expectNotConnectedBy(connack({ properties: [bytes] }), "ERR_MALFORMED_PACKET", 0x81, NAMED);
      }
    for (const bytes of ["80", "ff", "ff ff", "ff ff ff ff", "ff ff ff ff ff", "80 80 80 80 1f 00 01 61"])
      expectNotConnectedBy(connack({ properties: [hex(bytes)] }), "ERR_MALFORMED_PACKET", 0x81, NAMED);
  });

  it("3.2.2.3.3, 3.2.2.3.6: closes on a Receive Maximum of 0, and on a Maximum Packet Size of 0", () => {
    for (const name of ["receiveMaximum", "maximumPacketSize"] as const) {
      expectNotConnectedBy(connack({ properties: [[name, 0]] }), "ERR_PROTOCOL", 0x82, NAMED);
      expectNotConnectedBy(connack({ properties: [["reasonString", "a"], [name, 0]] }), "ERR_PROTOCOL", 0x82, NAMED);
      expectNotConnectedBy(connack({ properties: [[name, 0]], reasonCode: 0x80 }), "ERR_PROTOCOL", 0x82, NAMED);
    }
  });

  for (const name of ["maximumQoS", ...TRUTHS] as const)
    it(`3.2.2.3: closes on ${name} of 2 to 255`, () => {
      for (let value = 2; value < 256; value++)
        expectNotConnectedBy(connack({ properties: [[name, value]] }), "ERR_PROTOCOL", 0x82, NAMED);
    });

  it("3.2.2.3.15: closes on Response Information that was not asked for, whatever comes with it", () => {
    for (const list of [[["responseInformation", "a"]], [["receiveMaximum", 5], ["responseInformation", ""]]] as const)
      expectNotConnectedBy(connack({ properties: list }), "ERR_PROTOCOL", 0x82, NAMED);
  });

  it("3.2.2.3.17: closes on an Authentication Method that is not that of CONNECT, or where CONNECT had none", () => {
    for (const method of ["m", "", "x"])
      expectNotConnectedBy(connack({ properties: [["authenticationMethod", method]] }), "ERR_PROTOCOL", 0x82, NAMED);
    for (const method of ["", "M", "mm", "m ", "x"])
      expectNotConnectedBy(connack({ properties: [["authenticationMethod", method]] }), "ERR_PROTOCOL", 0x82, ALL_WELCOME);
  });

  it("3.2.2.3.17: closes on a success without the Authentication Method that CONNECT had", () => {
    expectNotConnectedBy(connack(), "ERR_PROTOCOL", 0x82, ALL_WELCOME);
    expectNotConnectedBy(connack({ properties: [["receiveMaximum", 5]] }), "ERR_PROTOCOL", 0x82, ALL_WELCOME);
  });

  it("3.2.2.3.18: closes on Authentication Data without an Authentication Method, asked for or not, empty or not", () => {
    for (const options of [NAMED, ALL_WELCOME])
      for (const data of [hex(""), hex("01 02")])
        expectNotConnectedBy(connack({ properties: [["authenticationData", data]] }), "ERR_PROTOCOL", 0x82, options);
  });

  it("2.2.2.1: closes on a CONNACK that ends before its properties do", () => {
    const whole = property(["reasonString", "reason"]);
    for (let cut = 0; cut < whole.length; cut++) {
      const list = concat(Uint8Array.of(whole.length), whole.slice(0, cut));
      expectNotConnectedBy(withBytes(list), "ERR_MALFORMED_PACKET", 0x81, NAMED);
      expectNotConnectedBy(withBytes(list, 0x87), "ERR_MALFORMED_PACKET", 0x81, NAMED);
    }
    for (const length of ["01", "7f", "80", "ff", "80 01", "ff ff", "ff ff ff", "ff 7f", "ff ff ff 7f"])
      expectNotConnectedBy(withBytes(length), "ERR_MALFORMED_PACKET", 0x81, NAMED);
  });

  it("2.2.2.1: closes on bytes behind the properties, since CONNACK has no payload", () => {
    for (const reasonCode of [0, 0x87])
      for (const list of ["00 00", "00 1f 00 01 61", "04 1f 00 01 61 00", "04 1f 00 01 61 1f", "04 1f 00 01 61 26 00 00 00 00"])
        expectNotConnectedBy(withBytes(list, reasonCode), "ERR_MALFORMED_PACKET", 0x81, NAMED);
  });

  for (const each of EACH)
    it(`2.2.2.2: closes on ${each[0]} that is cut off at any byte`, () => {
      const whole = property(each);
      for (let cut = 1; cut < whole.length; cut++) {
        const list = whole.slice(0, cut);
        for (const all of [[list], [["userProperty", ["a", "b"]], list]] as const)
          expectNotConnectedBy(connack({ properties: all }), "ERR_MALFORMED_PACKET", 0x81, ALL_WELCOME);
      }
    });

  it("2.2.2.2: closes on text and data that reach past the end of the properties, by one byte or by 65,534", () => {
    for (const identifier of ["12", "15", "16", "1a", "1c", "1f"])
      for (const length of ["00 02", "01 00", "7f ff", "80 00", "ff ff"]) {
        const list = [hex(`${identifier} ${length} 61`)];
        expectNotConnectedBy(connack({ properties: list }), "ERR_MALFORMED_PACKET", 0x81, ALL_WELCOME);
      }
    for (const pair of ["00 02 61", "ff ff 61 00 01 62", "00 01 61 00 02 62", "00 01 61 ff ff 62", "00 01 61", "00 01 61 00"])
      expectNotConnectedBy(connack({ properties: [hex(`26 ${pair}`)] }), "ERR_MALFORMED_PACKET", 0x81, NAMED);
  });

  it("2.2.2.2: a value may not lie partly behind the properties, though the packet goes on", () => {
    const tooShort = ["03 1f 00 01 61", "01 1f 00 01 61", "02 13 00 05", "04 11 00 00 00 05", "01 24 01", "05 26 00 01 61 00"];
    for (const list of tooShort)
      expectNotConnectedBy(withBytes(list), "ERR_MALFORMED_PACKET", 0x81, NAMED);
  });

  it("2.2.2.2: nothing of a broken CONNACK counts", () => {
    const list: readonly (Property | Uint8Array)[] = [
      ["receiveMaximum", 1],
      ["assignedClientIdentifier", "other"],
      ["serverKeepAlive", 1],
      ["maximumQoS", 0],
      Uint8Array.of(1, 1),
    ];
    const { broker, client, events } = awaitingConnack(NAMED);
    broker.send(connack({ properties: list }));
    broker.expectBytes("e0 01 81");
    broker.advance(0);
    expect(broker.acceptConnection().clientId).toBe("c");
    expect(events).toEqual(["disconnected ERR_MALFORMED_PACKET", "connected"]);
    expect(client.server).toMatchObject({ receiveMaximum: 65_535, maximumQoS: 2, keepalive: undefined });
  });

  it("2.2.2.1: a CONNACK cut anywhere by the network is the same CONNACK", () => {
    const bytes = connack({ properties: EACH });
    for (let cut = 1; cut < bytes.length; cut++) {
      const { broker, client } = awaitingConnack(ALL_WELCOME);
      broker.send(bytes, [cut]);
      expect(client.connected).toBe(true);
      expect(client.server.maximumPacketSize).toBe(0x0b0c0d0e);
    }
  });
});
