import { describe, expect, it } from "vitest";
import { Properties, type ClientOptions } from "mqtt-xs/v5";
import {
  concat, hex, packet, properties, property, puback, pubcomp, publish, pubrec, pubrel, uint16, type PropertyList,
} from "../../support/v5/packets.js";
import { connect, expectClosedBy, type Fixture, messages, PERSISTENT, reconnect } from "./support.js";

const TO_RECEIVED = [0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99];
const TO_RELEASED = [0x00, 0x92];

/** One of the four acknowledgements: what precedes it, its codes (tables 3-4 to 3-7), and what follows one of them. */
interface Kind {
  readonly name: string;
  readonly first: number;
  readonly codes: readonly number[];
  /** Has the client await it, for identifier 1. */
  readonly prepare: (fixture: Fixture) => void;
  /** Checks what came of it, and that it is all. */
  readonly check: (fixture: Fixture, code: number) => void;
}

function inHexadecimal(code: number): string {
  return `0x${code.toString(16).padStart(2, "0")}`;
}

function isSettled({ broker, client, events }: Fixture, code: number): void {
  broker.expectNothing();
  expect(events).toEqual([code === 0 ? "delivered 1" : `delivered 1 ${inHexadecimal(code)}`]);
  expect(client.inflight).toBe(0);
}

const KINDS: readonly Kind[] = [
  {
    name: "PUBACK",
    first: 0x40,
    codes: TO_RECEIVED,
    prepare: ({ broker, client }) => {
      client.publish("t", "x", 1);
      broker.expect("PUBLISH");
    },
    check: isSettled,
  },
  {
    name: "PUBREC",
    first: 0x50,
    codes: TO_RECEIVED,
    prepare: ({ broker, client }) => {
      client.publish("t", "x", 2);
      broker.expect("PUBLISH");
    },
    check: (fixture, code) => {
      if (code >= 0x80) isSettled(fixture, code);
      else {
        fixture.broker.expectBytes("62 02 00 01");
        fixture.broker.expectNothing();
        expect(fixture.events).toEqual([]);
        expect(fixture.client.inflight).toBe(1);
      }
    },
  },
  {
    name: "PUBREL",
    first: 0x62,
    codes: TO_RELEASED,
    prepare: ({ broker, events }) => {
      broker.send(publish({ topic: "t", payload: "x", qos: 2 }));
      broker.expectBytes(pubrec(1));
      events.length = 0;
    },
    check: ({ broker, events }) => {
      broker.expectBytes("70 02 00 01");
      broker.expectNothing();
      expect(events).toEqual([]);
    },
  },
  {
    name: "PUBCOMP",
    first: 0x70,
    codes: TO_RELEASED,
    prepare: ({ broker, client }) => {
      client.publish("t", "x", 2);
      broker.expect("PUBLISH");
      broker.send(pubrec(1));
      broker.expectBytes(pubrel(1));
    },
    check: (fixture) => {
      isSettled(fixture, 0); // with 0x92 too: the server has taken the message over with its PUBREC
    },
  },
];

/** An acknowledgement of identifier 1 with this behind it. */
function acknowledgement({ first }: Kind, ...rest: readonly Uint8Array[]): Uint8Array {
  return packet(first, uint16(1), ...rest);
}

/** In every form that says this code: without it where it is 0, with it alone, and with a Property Length. */
function forms(kind: Kind, code: number): Uint8Array[] {
  const explicit = [acknowledgement(kind, Uint8Array.of(code)), acknowledgement(kind, Uint8Array.of(code, 0))];
  return code === 0 ? [acknowledgement(kind), ...explicit] : explicit;
}

/** The client must take `bytes`, whole and byte by byte, as what `code` says. */
function expectTaken(kind: Kind, bytes: Uint8Array, code: number, options: Partial<ClientOptions> = {}): void {
  for (const byteByByte of [false, true]) {
    const fixture = connect({ keepalive: 0, ...options });
    kind.prepare(fixture);
    if (byteByByte) fixture.broker.sendByteByByte(bytes);
    else fixture.broker.send(bytes);
    kind.check(fixture, code);
    fixture.broker.advance(3_600_000);
    fixture.broker.expectNothing();
    fixture.broker.expectOpen();
  }
}

const EXPLAINED: PropertyList = [
  ["userProperty", ["b", "1"]],
  ["reasonString", "why é"],
  ["userProperty", ["a", "2"]],
  ["userProperty", ["b", "1"]],
];

describe("3.4 to 3.7 Reason Codes", () => {
  for (const kind of KINDS) {
    it(`3.4 to 3.7: every legal code in ${kind.name} is understood, in every form`, () => {
      for (const code of kind.codes) for (const bytes of forms(kind, code)) expectTaken(kind, bytes, code);
    });

    it(`3.4 to 3.7: every legal code in ${kind.name} is understood, with properties`, () => {
      for (const code of kind.codes)
        for (const list of [EXPLAINED, [["reasonString", ""]], [["userProperty", ["", ""]]]] as const)
          expectTaken(kind, acknowledgement(kind, Uint8Array.of(code), properties(list)), code);
    });
  }

  it("MQTT-3.4.2-1, MQTT-3.5.2-1, MQTT-3.6.2-1, MQTT-3.7.2-1: closes on every other code from 0 to 255, in every form", () => {
    for (const kind of KINDS)
      for (let code = 0; code < 256; code++) {
        if (kind.codes.includes(code)) continue;
        const explained = acknowledgement(kind, Uint8Array.of(code), properties([["reasonString", "why"]]));
        for (const bytes of [...forms(kind, code), explained]) expectClosedBy(bytes, "ERR_PROTOCOL", 0x82, {}, kind.prepare);
      }
  });

  it("MQTT-3.4.2-1, MQTT-3.5.2-1: what such a code came for stays under way, and is sent again", () => {
    const answers = [[1, puback(1, 0x92)], [2, pubrec(1, 0x92)], [1, puback(1, 0x11)], [2, pubrec(1, 0x01)]] as const;
    for (const [qos, answer] of answers) {
      const fixture = connect(PERSISTENT);
      const { broker, client, events } = fixture;
      client.publish("t", "x", qos);
      broker.expect("PUBLISH");
      broker.send(answer);
      broker.expectBytes("e0 01 82");
      expect(events).toEqual(["disconnected ERR_PROTOCOL"]);
      reconnect(fixture, { sessionPresent: true });
      broker.expectBytes(publish({ topic: "t", payload: "x", qos, dup: true }));
      expect(client.inflight).toBe(1);
    }
  });

  it("MQTT-3.6.2-1, MQTT-3.7.2-1: a PUBREL or PUBCOMP that breaks the standard releases nothing", () => {
    const incoming = connect(PERSISTENT);
    incoming.broker.send(publish({ topic: "t", payload: "x", qos: 2, identifier: 1 }));
    incoming.broker.expectBytes(pubrec(1));
    incoming.broker.send(pubrel(1, 0x80));
    incoming.broker.expectBytes("e0 01 82");
    reconnect(incoming, { sessionPresent: true });
    incoming.events.length = 0;
    incoming.broker.send(publish({ topic: "t", payload: "x", qos: 2, dup: true, identifier: 1 }));
    incoming.broker.expectBytes(pubrec(1));
    expect(incoming.events).toEqual([]);

    const outgoing = connect(PERSISTENT);
    outgoing.client.publish("t", "x", 2);
    outgoing.broker.expect("PUBLISH");
    outgoing.broker.send(pubrec(1));
    outgoing.broker.expectBytes(pubrel(1));
    outgoing.broker.send(pubcomp(1, 0x80));
    outgoing.broker.expectBytes("e0 01 82");
    reconnect(outgoing, { sessionPresent: true });
    outgoing.broker.expectBytes(pubrel(1));
    outgoing.broker.expectNothing();
  });

  it("3.4.2.1: the application gets the code and the properties of what settled its message", () => {
    const told: unknown[] = [];
    const { broker, client } = connect({
      onDelivered: (identifier, reasonCode, received) =>
        told.push([identifier, reasonCode, received.get("reasonString"), received.get("userProperties")]),
    });
    const pairs = [["b", "1"], ["a", "2"], ["b", "1"]];
    const steps: readonly (readonly [1 | 2, readonly Uint8Array[], number, boolean])[] = [
      [1, [puback(1, 0x10, EXPLAINED)], 0x10, true],
      [1, [puback(2)], 0, false],
      [1, [puback(3, 0x97)], 0x97, false],
      [2, [pubrec(4, 0x87, EXPLAINED)], 0x87, true],
      [2, [pubrec(5, 0x10, EXPLAINED), pubcomp(5)], 0, false],
      [2, [pubrec(6), pubcomp(6, 0x92, EXPLAINED)], 0, true],
      [1, [puback(7, 0, [], "long")], 0, false],
    ];
    for (const [qos, answers, code, isExplained] of steps) {
      const identifier = client.publish("t", "x", qos);
      for (const answer of answers) broker.send(answer);
      expect(told.splice(0)).toEqual([[identifier, code, isExplained ? "why é" : undefined, isExplained ? pairs : undefined]]);
    }
  });

  it("2.2.1: an identifier is free again once its message has been refused", () => {
    const { broker, client, events } = connect({ inflight: 1 });
    for (let time = 0; time < 5; time++)
      for (const qos of [1, 2] as const) {
        const identifier = client.publish("t", "x", qos);
        expect(identifier).toBeGreaterThan(0);
        expect(client.publish("t", "x", qos)).toBe(-1);
        broker.expect("PUBLISH", { identifier, qos });
        broker.send(qos === 1 ? puback(identifier, 0x97) : pubrec(identifier, 0x97));
        expect(events.splice(0)).toEqual([`delivered ${identifier} 0x97`, "writable"]);
      }
    broker.expectNothing();
  });
});

describe("3.4.2.2 to 3.7.2.2 properties", () => {
  it("MQTT-3.4.2-2, MQTT-3.4.2-3, MQTT-3.5.2-2, MQTT-3.5.2-3: PUBACK and PUBREC that go out have none", () => {
    for (const list of [[], [["maximumPacketSize", 1_000]], [["maximumPacketSize", 5]]] as const) {
      const { broker } = connect({ onMessage: (message) => (message.reasonCode = 0x83) }, {}, { properties: list });
      broker.send(publish({ topic: "t", qos: 1, identifier: 7 }));
      broker.expectBytes("40 03 00 07 83");
      broker.send(publish({ topic: "t", qos: 2, identifier: 7 }));
      broker.expectBytes("50 03 00 07 83");
      broker.expectNothing();
    }
  });

  it("MQTT-3.6.2-2, MQTT-3.6.2-3, MQTT-3.7.2-2, MQTT-3.7.2-3: PUBREL and PUBCOMP that go out have none", () => {
    for (const list of [[], [["maximumPacketSize", 1_000]], [["maximumPacketSize", 5]]] as const) {
      const { broker } = connect({}, {}, { properties: list });
      broker.send(pubrec(7, 0, EXPLAINED));
      broker.expectBytes("62 03 00 07 92");
      broker.send(pubrel(7, 0, EXPLAINED));
      broker.expectBytes("70 03 00 07 92");
      broker.expectNothing();
    }
  });

  it("MQTT-3.4.2-2, MQTT-3.5.2-2, MQTT-3.6.2-2, MQTT-3.7.2-2: a Reason String may fill maximumPacketSize, not more", () => {
    for (const kind of KINDS)
      for (const maximumPacketSize of [32, 64, 200]) {
        const make = (length: number): Uint8Array =>
          acknowledgement(kind, Uint8Array.of(0), properties([["reasonString", "r".repeat(length)]]));
        const fitting = maximumPacketSize - make(0).length - (maximumPacketSize > 129 ? 2 : 0);
        expect(make(fitting)).toHaveLength(maximumPacketSize);
        expectTaken(kind, make(fitting), 0, { maximumPacketSize });
        expectClosedBy(make(fitting + 1), "ERR_PROTOCOL", 0x95, { maximumPacketSize }, kind.prepare);
      }
  });

  it("MQTT-3.4.2-3, MQTT-3.5.2-3, MQTT-3.6.2-3, MQTT-3.7.2-3: User Properties may fill maximumPacketSize, not more", () => {
    for (const kind of KINDS)
      for (const maximumPacketSize of [32, 64]) {
        const make = (length: number): Uint8Array => {
          const list = properties([["userProperty", ["n", ""]], ["userProperty", ["v".repeat(length), "w"]]]);
          return acknowledgement(kind, Uint8Array.of(0), list);
        };
        const fitting = maximumPacketSize - make(0).length;
        expectTaken(kind, make(fitting), 0, { maximumPacketSize });
        expectClosedBy(make(fitting + 1), "ERR_PROTOCOL", 0x95, { maximumPacketSize }, kind.prepare);
      }
  });

  it("3.4.2.2: what fits packetSize is taken; one byte more closes, our memory being at fault", () => {
    for (const kind of KINDS) {
      const make = (length: number): Uint8Array =>
        acknowledgement(kind, Uint8Array.of(0), properties([["reasonString", "r".repeat(length)]]));
      const fitting = 64 - make(0).length;
      expectTaken(kind, make(fitting), 0, { packetSize: 64 });
      expectClosedBy(make(fitting + 1), "ERR_RECEIVE_SIZE", 0x95, { packetSize: 64 }, kind.prepare);
    }
  });

  it("3.4.2.2.2: closes on a second Reason String", () => {
    for (const kind of KINDS)
      for (const list of [
        [["reasonString", "a"], ["reasonString", "a"]],
        [["reasonString", "a"], ["userProperty", ["n", "v"]], ["reasonString", "b"]],
      ] as const)
        expectClosedBy(acknowledgement(kind, Uint8Array.of(0), properties(list)), "ERR_PROTOCOL", 0x82, {}, kind.prepare);
  });

  it("2.2.2.2: closes on every property that has no place there", () => {
    for (const kind of KINDS)
      for (let identifier = 0; identifier < 256; identifier++) {
        if (identifier === 0x1f || identifier === 0x26) continue;
        const list = properties([Uint8Array.of(identifier, 0, 1, 0x61, 0, 1, 0x61)]);
        expectClosedBy(acknowledgement(kind, Uint8Array.of(0), list), "ERR_MALFORMED_PACKET", 0x81, {}, kind.prepare);
      }
  });

  for (const [what, rest] of [
    ["a Property Length past the end", "05 1f 00 01 61"],
    ["a Property Length short of the end", "04 1f 00 01 61 00"],
    ["a Property Length of 0 with more behind it", "00 00"],
    ["a Property Length of five bytes", "80 80 80 80 00"],
    ["a Property Length that is cut off", "84"],
    ["a Reason String past the end", "04 1f 00 02 61"],
    ["a Reason String without its length", "01 1f"],
    ["a Reason String of half a length", "02 1f 00"],
    ["a User Property without value", "04 26 00 01 61"],
    ["a User Property whose value runs past the end", "07 26 00 01 61 00 02 62"],
    ["a Reason String that is no UTF-8", "05 1f 00 02 c3 28"],
    ["a Reason String with U+0000", "04 1f 00 01 00"],
    ["a Reason String with a surrogate", "06 1f 00 03 ed a0 80"],
    ["a User Property whose name is no UTF-8", "07 26 00 01 80 00 01 61"],
    ["a User Property whose value is no UTF-8", "07 26 00 01 61 00 01 80"],
  ] as const)
    it(`3.4.2.2 to 3.7.2.2: closes on ${what}`, () => {
      for (const kind of KINDS)
        expectClosedBy(acknowledgement(kind, Uint8Array.of(0), hex(rest)), "ERR_MALFORMED_PACKET", 0x81, {}, kind.prepare);
    });

  it("3.4.2.2: a property cut off by the Property Length is not completed by what comes behind the packet", () => {
    for (const kind of KINDS) {
      const cut = property(["reasonString", "abcdef"]).slice(0, 5);
      const bytes = concat(acknowledgement(kind, Uint8Array.of(0), properties([cut])), hex("61 61 61 61 61"));
      expectClosedBy(bytes, "ERR_MALFORMED_PACKET", 0x81, {}, kind.prepare);
    }
  });
});

describe("3.4.1 to 3.7.1 Fixed Header", () => {
  it("MQTT-3.6.1-1: PUBREL goes out with flags 2, when it is sent again, and for an unknown identifier too", () => {
    const fixture = connect(PERSISTENT);
    const { broker, client } = fixture;
    client.publish("t", "", 2);
    broker.expect("PUBLISH");
    broker.send(pubrec(1));
    broker.expectBytes("62 02 00 01");
    broker.send(pubrec(1));
    broker.expectBytes("62 02 00 01");
    broker.send(pubrec(9));
    broker.expectBytes("62 03 00 09 92");
    reconnect(fixture, { sessionPresent: true });
    broker.expectBytes("62 02 00 01");
    broker.expectNothing();
  });

  it("MQTT-3.6.1-1: closes on PUBREL with other flags, without letting go of the identifier", () => {
    for (let flags = 0; flags < 16; flags++) {
      if (flags === 2) continue;
      for (const rest of [uint16(7), concat(uint16(7), Uint8Array.of(0)), concat(uint16(7), Uint8Array.of(0, 0))]) {
        const violation = packet(0x60 | flags, rest);
        const fixture = connect(PERSISTENT);
        const { broker, events } = fixture;
        broker.send(publish({ topic: "t", payload: "x", qos: 2, identifier: 7 }));
        broker.expect("PUBREC");
        broker.send(violation);
        broker.expectBytes("e0 01 81");
        reconnect(fixture, { sessionPresent: true });
        broker.send(publish({ topic: "t", payload: "x", qos: 2, dup: true, identifier: 7 }));
        broker.expect("PUBREC");
        expect(messages({ events })).toHaveLength(1);
        expect(events).toContain("disconnected ERR_MALFORMED_PACKET");
        expectClosedBy(violation, "ERR_MALFORMED_PACKET", 0x81);
      }
    }
  });

  it("2.1.3: closes on PUBACK, PUBREC and PUBCOMP with any flag, though they are awaited", () => {
    for (const kind of KINDS) {
      if (kind.name === "PUBREL") continue;
      for (let flags = 1; flags < 16; flags++)
        expectClosedBy(packet(kind.first | flags, uint16(1)), "ERR_MALFORMED_PACKET", 0x81, {}, kind.prepare);
    }
  });

  it("3.4.1: closes on a Remaining Length of 0 or 1, and on one that runs on", () => {
    for (const kind of KINDS) {
      const { first, prepare } = kind;
      for (const bytes of [packet(first), packet(first, Uint8Array.of(0)), packet(first, Uint8Array.of(1))])
        expectClosedBy(bytes, "ERR_MALFORMED_PACKET", 0x81, {}, prepare);
      expectClosedBy(concat(Uint8Array.of(first), hex("82 80 80 80 00 00 01")), "ERR_MALFORMED_PACKET", 0x81, {}, prepare);
    }
  });
});

describe("3.4 to 3.7 identifiers", () => {
  it("2.2.1: closes on identifier 0, with every code", () => {
    for (const { first, codes } of KINDS) {
      expectClosedBy(packet(first, uint16(0)), "ERR_PROTOCOL", 0x82);
      for (const code of codes) {
        expectClosedBy(packet(first, uint16(0), Uint8Array.of(code)), "ERR_PROTOCOL", 0x82);
        expectClosedBy(packet(first, uint16(0), Uint8Array.of(code, 0)), "ERR_PROTOCOL", 0x82);
      }
    }
  });

  it("3.6.2.1: a PUBREC for an unknown identifier gets PUBREL with 0x92, one that says it failed gets nothing", () => {
    for (const code of TO_RECEIVED)
      for (const form of ["short", "long"] as const)
        for (const identifier of [1, 9, 65_535]) {
          const { broker, client, events } = connect();
          broker.sendByteByByte(pubrec(identifier, code, [], form));
          if (code < 0x80) broker.expectBytes(pubrel(identifier, 0x92));
          broker.expectNothing();
          broker.send(pubcomp(identifier, 0x92));
          broker.expectNothing();
          expect(events).toEqual([]);
          expect(client.inflight).toBe(0);
          broker.expectOpen();
        }
  });

  it("3.7.2.1: a PUBREL for an unknown identifier gets PUBCOMP with 0x92, whatever it says, each time", () => {
    for (const code of TO_RELEASED)
      for (const form of ["short", "long"] as const) {
        const { broker, events } = connect();
        for (const identifier of [1, 9, 9, 65_535]) {
          broker.sendByteByByte(pubrel(identifier, code, [], form));
          broker.expectBytes(pubcomp(identifier, 0x92));
          broker.expectNothing();
        }
        expect(events).toEqual([]);
        broker.expectOpen();
      }
  });

  it("3.7.2.1: a PUBREL that comes again after its PUBCOMP is for an unknown identifier", () => {
    const fixture = connect(PERSISTENT);
    const { broker } = fixture;
    broker.send(publish({ topic: "t", qos: 2, identifier: 7 }));
    broker.expectBytes(pubrec(7));
    broker.send(pubrel(7));
    broker.expectBytes(pubcomp(7));
    for (let time = 0; time < 2; time++) {
      broker.send(pubrel(7));
      broker.expectBytes(pubcomp(7, 0x92));
      reconnect(fixture, { sessionPresent: true });
    }
    broker.expectNothing();
  });

  it("3.4: PUBACK and PUBCOMP that nobody waits for change nothing", () => {
    const { broker, client, events } = connect();
    broker.sendTogether(puback(1), puback(9, 0x80), pubcomp(1), pubcomp(9, 0x92), puback(65_535, 0, EXPLAINED));
    client.publish("t", "x", 1);
    broker.expect("PUBLISH", { identifier: 1 });
    for (const bytes of [puback(2), pubcomp(1), pubcomp(1, 0x92), puback(2, 0x87)]) broker.send(bytes);
    expect(client.inflight).toBe(1);
    broker.send(puback(1));
    broker.send(puback(1, 0x97));
    expect(events).toEqual(["delivered 1"]);
    broker.expectNothing();
    broker.expectOpen();
  });

  it("3.5: an answer for the other quality of service settles nothing", () => {
    const { broker, client, events } = connect();
    client.publish("t", "x", 1);
    client.publish("t", "x", 2);
    broker.transport.takeSent();
    broker.sendTogether(pubrec(1), pubrec(1, 0x80), pubcomp(1), puback(2), puback(2, 0x97), pubcomp(2), pubcomp(2, 0x92));
    expect(client.inflight).toBe(2);
    expect(events).toEqual([]);
    broker.expectNothing();
    broker.sendTogether(puback(1), pubrec(2, 0x87));
    expect(events).toEqual(["delivered 1", "delivered 2 0x87"]);
  });

  it("3.5.2.1: a PUBREC that fails after one that did not ends the exchange, and its PUBREL is not sent again", () => {
    const fixture = connect(PERSISTENT);
    const { broker, client, events } = fixture;
    client.publish("t", "x", 2);
    client.publish("t", "y", 2, false, new Properties({ contentType: "c" }));
    broker.transport.takeSent();
    broker.sendTogether(pubrec(1), pubrec(2));
    broker.expectBytes(pubrel(1));
    broker.expectBytes(pubrel(2));
    broker.send(pubrec(1, 0x83));
    expect(client.inflight).toBe(1);
    expect(events).toEqual(["delivered 1 0x83"]);
    reconnect(fixture, { sessionPresent: true });
    broker.expectBytes(pubrel(2));
    broker.expectNothing();
  });
});
