import { describe, expect, it } from "vitest";
import type { ClientOptions } from "mqtt-xs/v5";
import { concat, packet, publish, suback, uint16, type PropertyList } from "../../support/v5/packets.js";
import { namesOf, PROPERTY_NAMES } from "../../support/v5/property-table.js";
import { sampleProperty } from "../../v5/sample-property.js";
import { connect, expectClosedBy, reconnect, type Fixture } from "./support.js";

/** Table 3-8. */
const CODES = [0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8f, 0x91, 0x97, 0x9e, 0xa1, 0xa2];

/** Subscribes with `identifier` 1 to three filters, and lets the broker take the SUBSCRIBE. */
function subscribed({ broker, client, events }: Fixture): void {
  const done = (codes: Uint8Array): unknown => events.push(`done ${codes.join()}`);
  client.subscribe([{ filter: "a" }, { filter: "b", qos: 1 }, { filter: "c", qos: 2 }], done);
  broker.expect("SUBSCRIBE", { identifier: 1 });
}

/** A fixture with that SUBSCRIBE under way. */
function subscribing(options: Partial<ClientOptions> = {}): Fixture {
  const fixture = connect(options);
  subscribed(fixture);
  return fixture;
}

/** A SUBACK to it of exactly `size` bytes, up to 127, by a Reason String or a User Property. */
function subackOfSize(size: number, name: "reasonString" | "userProperty"): Uint8Array {
  const text = "x".repeat(size - (name === "reasonString" ? 11 : 13));
  const bytes = suback(1, [0, 1, 2], [name === "reasonString" ? [name, text] : [name, ["", text]]]);
  expect(bytes).toHaveLength(size);
  return bytes;
}

describe("3.9.3 SUBACK Payload", () => {
  for (const codes of [[0], [0, 1], [0, 1, 2, 0], [0, 1, 2, 0, 0, 0, 0], [0x80], [0x80, 0x80, 0x80, 0x80]])
    it(`MQTT-3.8.4-6: closes on ${codes.length} codes for three filters, as ${codes.join()}`, () => {
      expectClosedBy(suback(1, codes), "ERR_PROTOCOL", 0x82, {}, subscribed);
      expectClosedBy(suback(1, codes, [["reasonString", "why"]]), "ERR_PROTOCOL", 0x82, {}, subscribed);
    });

  it("MQTT-3.8.4-6: closes on a SUBACK without any code, before and behind properties, and on one without properties", () => {
    expectClosedBy("90 03 00 01 00", "ERR_MALFORMED_PACKET", 0x81, {}, subscribed);
    expectClosedBy(suback(1, [], [["reasonString", "why"]]), "ERR_PROTOCOL", 0x82, {}, subscribed);
    expectClosedBy("90 02 00 01", "ERR_MALFORMED_PACKET", 0x81, {}, subscribed);
    expectClosedBy("90 01 00", "ERR_MALFORMED_PACKET", 0x81, {}, subscribed);
    expectClosedBy("90 00", "ERR_MALFORMED_PACKET", 0x81, {}, subscribed);
  });

  it("MQTT-3.8.4-6: a SUBACK with too few codes completes nothing, also on the next connection", () => {
    const fixture = subscribing();
    const { broker, events } = fixture;
    broker.send(suback(1, [0, 0]));
    broker.expectBytes("e0 01 82");
    broker.expectClosed();
    reconnect(fixture);
    broker.expect("SUBSCRIBE", { identifier: 1 });
    broker.expectNothing();
    expect(events).toEqual(["disconnected ERR_PROTOCOL", "connected", "reconnected"]);
    broker.send(suback(1, [0, 1, 2]));
    expect(events.at(-1)).toBe("done 0,1,2");
  });

  it("MQTT-3.8.4-7: each code from 0 to 2 grants, as much as was asked for or less; each from 0x80 refuses", () => {
    for (const [at, code] of CODES.entries()) {
      const { broker, events } = subscribing();
      const codes = [code, CODES[(at + 5) % CODES.length], CODES[(at + 9) % CODES.length]];
      broker.sendByteByByte(suback(1, codes));
      expect(events).toEqual([`done ${codes.join()}`]);
      broker.expectNothing();
      broker.expectOpen();
    }
  });

  it("MQTT-3.8.4-7: what was granted is subscribed to, and restored; what was refused is neither, whatever the reason", () => {
    for (const code of CODES) {
      const fixture = connect();
      const { broker, client, events } = fixture;
      client.subscribe({ filter: "a", qos: 2, handler: () => events.push("handler") }, () => undefined);
      broker.expect("SUBSCRIBE");
      broker.sendTogether(suback(1, code), publish({ topic: "a" }));
      expect(events).toEqual([code < 0x80 ? "handler" : "message a: "]);
      reconnect(fixture);
      if (code < 0x80) broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: "a", qos: 2 }] });
      broker.expectNothing();
    }
  });

  it("MQTT-3.8.4-7: a refusal is told to onError, with its code, when nobody else is there for it", () => {
    for (const code of CODES.filter((it) => it >= 0x80)) {
      const errors: unknown[] = [];
      const { broker, client } = connect({ onError: (error) => errors.push([error.code, error.fault, error.reasonCode]) });
      client.subscribe([{ filter: "a" }, { filter: "b" }]);
      broker.send(suback(1, [0, code]));
      expect(errors).toEqual([["ERR_SUBSCRIPTION_REFUSED", "server", code]]);
    }
  });

  it("MQTT-3.9.3-1: codes belong to the filters by position: only the refused one is gone", () => {
    const fixture = connect();
    const { broker, client, events } = fixture;
    client.subscribe(["a", "b", "c"].map((filter) => ({ filter, handler: () => events.push(filter) })));
    broker.expect("SUBSCRIBE");
    broker.send(suback(1, [0, 0x87, 0]));
    expect(events).toEqual(["error ERR_SUBSCRIPTION_REFUSED"]);
    broker.sendTogether(publish({ topic: "a" }), publish({ topic: "b" }), publish({ topic: "c" }));
    expect(events.slice(1)).toEqual(["a", "message b: ", "c"]);
    reconnect(fixture);
    broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: "a" }] });
    broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: "c" }] });
    broker.expectNothing();
  });

  it("MQTT-3.9.3-1: the callback gets the codes in the order of the filters, behind properties too", () => {
    const { broker, events } = subscribing();
    broker.sendByteByByte(suback(1, [0, 0x80, 2], [["reasonString", "\u0001\u0002"], ["userProperty", ["a", "b"]]]));
    expect(events).toEqual(["done 0,128,2"]);
  });

  it("MQTT-3.9.3-2: closes on every code that is not of its table, in whatever place", () => {
    for (let code = 0; code < 256; code++) {
      if (CODES.includes(code)) continue;
      const codes = [0, 1, 2].map((right, at) => (at === code % 3 ? code : right));
      expectClosedBy(suback(1, codes), "ERR_PROTOCOL", 0x82, {}, subscribed);
    }
  });

  it("MQTT-3.9.3-2: closes on such a code in an answer that nobody waits for as well", () => {
    for (const code of [0x03, 0x11, 0x8e, 0xa0, 0xff]) expectClosedBy(suback(9, code), "ERR_PROTOCOL", 0x82);
  });

  it("3.9: an answer that nobody waits for changes nothing, however many codes it has; identifier 0 is none", () => {
    const { broker, events } = subscribing();
    for (const identifier of [2, 0x0100, 0xffff]) broker.send(suback(identifier, [0, 0x80, 0x97, 1]));
    expect(events).toEqual([]);
    broker.expectNothing();
    broker.expectOpen();
    broker.send(suback(1, [0, 1, 2]));
    expect(events).toEqual(["done 0,1,2"]);
    expectClosedBy(suback(0, 0), "ERR_PROTOCOL", 0x82, {}, subscribed);
  });

  it("3.9.1: closes on flags that are not 0", () => {
    for (let flags = 1; flags < 16; flags++)
      expectClosedBy(packet(0x90 | flags, uint16(1), Uint8Array.of(0, 0, 1, 2)), "ERR_MALFORMED_PACKET", 0x81, {}, subscribed);
  });

  it("3.9: a SUBACK before CONNACK is out of order", () => {
    const fixture = connect({ reconnectPeriod: 1 });
    fixture.broker.drop();
    fixture.broker.advance(1);
    fixture.broker.transport.accept();
    fixture.broker.expect("CONNECT");
    fixture.broker.send(suback(1, 0));
    fixture.broker.expectBytes("e0 01 82");
    fixture.broker.expectClosed();
    expect(fixture.events.at(-1)).toBe("disconnected ERR_PROTOCOL");
  });
});

describe("3.9.2.1 SUBACK Properties", () => {
  it("3.9.2.1: the callback gets Reason String and User Properties, and none where there are none", () => {
    const found: unknown[] = [];
    const { broker, client } = connect();
    for (const filter of ["a", "b"])
      client.subscribe({ filter }, (_codes, received) =>
        found.push([received.get("reasonString"), received.get("userProperties")]),
      );
    broker.sendByteByByte(
      suback(1, 0x80, [["userProperty", ["a", "1"]], ["reasonString", "why"], ["userProperty", ["a", "2"]]]),
    );
    broker.send(suback(2, 0));
    expect(found).toEqual([["why", [["a", "1"], ["a", "2"]]], [undefined, undefined]]);
  });

  for (const name of PROPERTY_NAMES) {
    if (namesOf("server", "SUBACK").includes(name)) continue;
    it(`3.9.2.1: closes on ${name}, which does not belong there`, () => {
      expectClosedBy(suback(1, [0, 1, 2], [sampleProperty(name)]), "ERR_MALFORMED_PACKET", 0x81, {}, subscribed);
    });
  }

  it("3.9.2.1.2: closes on a second Reason String", () => {
    const twice: PropertyList = [["reasonString", "a"], ["userProperty", ["a", "b"]], ["reasonString", "a"]];
    expectClosedBy(suback(1, [0, 1, 2], twice), "ERR_PROTOCOL", 0x82, {}, subscribed);
  });

  it("3.9.2.1: closes where properties are longer than they say, or than the packet", () => {
    for (const list of [
      Uint8Array.of(1, 0x1f),
      Uint8Array.of(3, 0x1f, 0, 1, 0x61),
      Uint8Array.of(0x7f),
      Uint8Array.of(0x80, 0x80, 0x80, 0x80, 1),
    ])
      expectClosedBy(packet(0x90, uint16(1), list, Uint8Array.of(0, 1, 2)), "ERR_MALFORMED_PACKET", 0x81, {}, subscribed);
  });

  it("3.9.2.1: closes on problem information that was declined", () => {
    const options = { requestProblemInformation: false };
    expectClosedBy(suback(1, [0, 1, 2], [["reasonString", ""]]), "ERR_PROTOCOL", 0x82, options, subscribed);
    expectClosedBy(suback(1, [0, 1, 2], [["userProperty", ["", ""]]]), "ERR_PROTOCOL", 0x82, options, subscribed);
  });

  for (const name of ["reasonString", "userProperty"] as const) {
    const options = { maximumPacketSize: 60 };
    it(`MQTT-3.9.2-1, MQTT-3.9.2-2: a SUBACK that ${name} makes as large as the client's Maximum Packet Size is taken`, () => {
      for (const size of [59, 60]) {
        const { broker, events } = subscribing(options);
        broker.sendByteByByte(subackOfSize(size, name));
        expect(events).toEqual(["done 0,1,2"]);
        broker.expectOpen();
      }
    });

    it(`MQTT-3.9.2-1, MQTT-3.9.2-2: closes on one that is larger by a byte, or more`, () => {
      for (const size of [61, 62, 100]) expectClosedBy(subackOfSize(size, name), "ERR_PROTOCOL", 0x95, options, subscribed);
    });

    it(`MQTT-3.9.2-1, MQTT-3.9.2-2: closes, without waiting for the rest, as soon as it is known how large it is`, () => {
      const { broker, events } = subscribing({ ...options, reconnectPeriod: 0 });
      broker.send(subackOfSize(61, name).slice(0, 2));
      broker.expectBytes("e0 01 95");
      broker.expectClosed();
      expect(events).toEqual(["disconnected ERR_PROTOCOL"]);
    });

    it(`MQTT-3.9.2-1, MQTT-3.9.2-2: where none was announced, so does one that does not fit packetSize`, () => {
      const { broker, events } = subscribing({ packetSize: 64 });
      broker.sendByteByByte(subackOfSize(64, name));
      expect(events).toEqual(["done 0,1,2"]);
      broker.expectOpen();
      expectClosedBy(subackOfSize(65, name), "ERR_RECEIVE_SIZE", 0x95, { packetSize: 64 }, subscribed);
    });
  }

  it("a SUBACK and what is behind it in the same piece are told apart", () => {
    const { broker, events } = subscribing();
    broker.send(concat(suback(1, [0, 1, 2], [["reasonString", "x"]]), publish({ topic: "a", payload: "1" })));
    expect(events).toEqual(["done 0,1,2", "message a: 1"]);
  });
});
