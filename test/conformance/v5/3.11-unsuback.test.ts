import { describe, expect, it } from "vitest";
import type { ClientOptions } from "mqtt-xs/v5";
import { packet, publish, suback, uint16, unsuback, type PropertyList } from "../../support/v5/packets.js";
import { namesOf, PROPERTY_NAMES } from "../../support/v5/property-table.js";
import { sampleProperty } from "../../v5/sample-property.js";
import { connect, expectClosedBy, reconnect, type Fixture } from "./support.js";

/** Table 3-9. */
const CODES = [0x00, 0x11, 0x80, 0x83, 0x87, 0x8f, 0x91];

/** Subscribes to three filters, unsubscribes with `identifier` 2, and lets the broker take the UNSUBSCRIBE. */
function unsubscribed({ broker, client, events }: Fixture): void {
  client.subscribe(["a", "b", "c"].map((filter) => ({ filter, handler: () => events.push(`handler ${filter}`) })));
  broker.expect("SUBSCRIBE");
  broker.send(suback(1, [0, 0, 0]));
  client.unsubscribe(["a", "b", "c"], (codes) => events.push(`done ${codes.join()}`));
  broker.expect("UNSUBSCRIBE", { identifier: 2 });
}

/** A fixture with that UNSUBSCRIBE under way. */
function unsubscribing(options: Partial<ClientOptions> = {}): Fixture {
  const fixture = connect(options);
  unsubscribed(fixture);
  return fixture;
}

/** An UNSUBACK to it of exactly `size` bytes, up to 127, by a Reason String or a User Property. */
function unsubackOfSize(size: number, name: "reasonString" | "userProperty"): Uint8Array {
  const text = "x".repeat(size - (name === "reasonString" ? 11 : 13));
  const bytes = unsuback(2, [0, 0, 0], [name === "reasonString" ? [name, text] : [name, ["", text]]]);
  expect(bytes).toHaveLength(size);
  return bytes;
}

describe("3.11.3 UNSUBACK Payload", () => {
  it("MQTT-3.11.3-1: codes belong to the filters by position: what could not be ended goes on, and is restored", () => {
    for (const failure of CODES.filter((code) => code >= 0x80)) {
      const fixture = unsubscribing();
      const { broker, events } = fixture;
      broker.sendByteByByte(unsuback(2, [0x00, failure, 0x11]));
      expect(events).toEqual([`done 0,${failure},17`]);
      broker.sendTogether(publish({ topic: "a" }), publish({ topic: "b" }), publish({ topic: "c" }));
      expect(events.slice(1)).toEqual(["message a: ", "handler b", "message c: "]);
      reconnect(fixture);
      broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: "b" }] });
      broker.expectNothing();
    }
  });

  for (const codes of [[0], [0, 0], [0, 0, 0, 0], [0x80], [0, 0x11, 0x80, 0, 0, 0, 0]])
    it(`MQTT-3.11.3-1: closes on ${codes.length} codes for three filters, as ${codes.join()}`, () => {
      expectClosedBy(unsuback(2, codes), "ERR_PROTOCOL", 0x82, {}, unsubscribed);
      expectClosedBy(unsuback(2, codes, [["reasonString", "why"]]), "ERR_PROTOCOL", 0x82, {}, unsubscribed);
    });

  it("MQTT-3.11.3-1: closes on an UNSUBACK without any code, as 3.1.1 has it and with properties", () => {
    expectClosedBy("b0 02 00 02", "ERR_MALFORMED_PACKET", 0x81, {}, unsubscribed);
    expectClosedBy("b0 03 00 02 00", "ERR_MALFORMED_PACKET", 0x81, {}, unsubscribed);
    expectClosedBy(unsuback(2, [], [["reasonString", "why"]]), "ERR_PROTOCOL", 0x82, {}, unsubscribed);
    expectClosedBy("b0 01 00", "ERR_MALFORMED_PACKET", 0x81, {}, unsubscribed);
    expectClosedBy("b0 00", "ERR_MALFORMED_PACKET", 0x81, {}, unsubscribed);
  });

  it("MQTT-3.11.3-1: an UNSUBACK with too few codes completes nothing, and ends no subscription", () => {
    const fixture = unsubscribing();
    const { broker, events } = fixture;
    broker.send(unsuback(2, [0, 0]));
    broker.expectBytes("e0 01 82");
    broker.expectClosed();
    reconnect(fixture, {});
    const types = broker.takePackets().map(({ type }) => type);
    expect(types).toContain("UNSUBSCRIBE");
    expect(events.filter((event) => event.startsWith("done"))).toEqual([]);
  });

  it("MQTT-3.11.3-2: closes on every code that is not of its table, in whatever place", () => {
    for (let code = 0; code < 256; code++) {
      if (CODES.includes(code)) continue;
      const codes = [0, 0x11, 0x80].map((right, at) => (at === code % 3 ? code : right));
      expectClosedBy(unsuback(2, codes), "ERR_PROTOCOL", 0x82, {}, unsubscribed);
    }
  });

  it("MQTT-3.11.3-2: closes on such a code in an answer that nobody waits for as well", () => {
    for (const code of [0x01, 0x02, 0x10, 0x97, 0x9e, 0xa2, 0xff]) expectClosedBy(unsuback(9, code), "ERR_PROTOCOL", 0x82);
  });

  it("MQTT-3.11.3-2: every code of its table is taken, in every place", () => {
    for (const [at, code] of CODES.entries()) {
      const { broker, events } = unsubscribing();
      const codes = [code, CODES[(at + 2) % CODES.length], CODES[(at + 4) % CODES.length]];
      broker.send(unsuback(2, codes));
      expect(events).toEqual([`done ${codes.join()}`]);
      broker.expectNothing();
      broker.expectOpen();
    }
  });

  it("3.11: a failure is told to onError, with its code, when nobody else is there for it", () => {
    const errors: unknown[] = [];
    const { broker, client } = connect({ onError: (error) => errors.push([error.code, error.fault, error.reasonCode]) });
    client.unsubscribe(["a", "b"]);
    broker.send(unsuback(1, [0x11, 0x87]));
    expect(errors).toEqual([["ERR_SUBSCRIPTION_REFUSED", "server", 0x87]]);
  });

  it("3.11: an answer that nobody waits for changes nothing; identifier 0 is none", () => {
    const { broker, events } = unsubscribing();
    for (const identifier of [1, 3, 0x0200, 0xffff]) broker.send(unsuback(identifier, [0, 0x80, 0x11, 0]));
    expect(events).toEqual([]);
    broker.send(publish({ topic: "a" }));
    expect(events).toEqual(["handler a"]);
    broker.expectOpen();
    expectClosedBy(unsuback(0, 0), "ERR_PROTOCOL", 0x82, {}, unsubscribed);
  });

  it("3.11.1: closes on flags that are not 0", () => {
    for (let flags = 1; flags < 16; flags++)
      expectClosedBy(packet(0xb0 | flags, uint16(2), Uint8Array.of(0, 0, 0, 0)), "ERR_MALFORMED_PACKET", 0x81, {}, unsubscribed);
  });
});

describe("3.11.2.1 UNSUBACK Properties", () => {
  it("3.11.2.1: the callback gets Reason String and User Properties", () => {
    const found: unknown[] = [];
    const { broker, client } = connect();
    client.unsubscribe("a", (_codes, received) => found.push(received.get("reasonString"), received.get("userProperties")));
    broker.sendByteByByte(
      unsuback(1, 0x80, [
        ["userProperty", ["a", "1"]],
        ["reasonString", "why"],
        ["userProperty", ["a", "2"]],
      ]),
    );
    expect(found).toEqual(["why", [["a", "1"], ["a", "2"]]]);
  });

  for (const name of PROPERTY_NAMES) {
    if (namesOf("server", "UNSUBACK").includes(name)) continue;
    it(`3.11.2.1: closes on ${name}, which does not belong there`, () => {
      expectClosedBy(unsuback(2, [0, 0, 0], [sampleProperty(name)]), "ERR_MALFORMED_PACKET", 0x81, {}, unsubscribed);
    });
  }

  it("3.11.2.1.2: closes on a second Reason String", () => {
    const twice: PropertyList = [["reasonString", "a"], ["reasonString", "a"]];
    expectClosedBy(unsuback(2, [0, 0, 0], twice), "ERR_PROTOCOL", 0x82, {}, unsubscribed);
  });

  it("3.11.2.1: closes on problem information that was declined", () => {
    const options = { requestProblemInformation: false };
    expectClosedBy(unsuback(2, [0, 0, 0], [["reasonString", ""]]), "ERR_PROTOCOL", 0x82, options, unsubscribed);
    expectClosedBy(unsuback(2, [0, 0, 0], [["userProperty", ["", ""]]]), "ERR_PROTOCOL", 0x82, options, unsubscribed);
  });

  for (const name of ["reasonString", "userProperty"] as const) {
    const options = { maximumPacketSize: 60 };
    it(`MQTT-3.11.2-1, MQTT-3.11.2-2: one that ${name} makes as large as the Maximum Packet Size is taken`, () => {
      for (const size of [59, 60]) {
        const { broker, events } = unsubscribing(options);
        broker.sendByteByByte(unsubackOfSize(size, name));
        expect(events).toEqual(["done 0,0,0"]);
        broker.expectOpen();
      }
    });

    it(`MQTT-3.11.2-1, MQTT-3.11.2-2: closes on one that is larger by a byte, or more`, () => {
      for (const size of [61, 62, 100]) expectClosedBy(unsubackOfSize(size, name), "ERR_PROTOCOL", 0x95, options, unsubscribed);
    });

    it(`MQTT-3.11.2-1, MQTT-3.11.2-2: where none was announced, so does one that does not fit packetSize`, () => {
      const { broker, events } = unsubscribing({ packetSize: 64 });
      broker.sendByteByByte(unsubackOfSize(64, name));
      expect(events).toEqual(["done 0,0,0"]);
      expectClosedBy(unsubackOfSize(65, name), "ERR_RECEIVE_SIZE", 0x95, { packetSize: 64 }, unsubscribed);
    });
  }
});
