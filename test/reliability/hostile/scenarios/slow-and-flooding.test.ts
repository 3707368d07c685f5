import { describe, expect, it } from "vitest";
import { V5, VERSIONS } from "../../../conformance/both/versions.js";
import { concat, hex, packet } from "../../../support/packets.js";
import * as packets5 from "../../../support/v5/packets.js";
import { reachable } from "../play/reachable.js";
import { expectToGoOn } from "./honest.js";

/** PUBLISH of 256 MB to the topic "t": as large as the standard knows. */
const ENDLESS = hex("30 ff ff ff 7f 00 01 74 00");
const MANY = 20_000;

describe.each(VERSIONS)("A slow server of $name", (version) => {
  it("that sends CONNACK byte by byte is waited for as long as connectTimeout", () => {
    const fixture = version.start({ connectTimeout: 10_000 });
    const { broker, client, events } = fixture;
    const size = reachable(client);
    broker.transport.accept();
    broker.expect("CONNECT");
    for (const byte of version.connack()) {
      if (!broker.transport.isOpen) break;
      broker.send(Uint8Array.of(byte));
      broker.advance(4_000);
    }
    expect(events).toEqual(["disconnected ERR_CONNECT_TIMEOUT"]);
    expectToGoOn(fixture, version, size);
  });

  it("that sends 256 MB byte by byte gives no sign of life by that", () => {
    const fixture = version.connect({ keepalive: 10 });
    const { broker, client, events } = fixture;
    const size = reachable(client);
    broker.send(ENDLESS);
    for (let second = 0; broker.transport.isOpen && second < 60; second++) {
      broker.send(Uint8Array.of(second));
      broker.advance(1_000);
    }
    expect(events.at(-1)).toBe("disconnected ERR_KEEPALIVE_TIMEOUT");
    expect(broker.clock.elapsed).toBeLessThanOrEqual(15_000);
    broker.takePackets();
    expectToGoOn(fixture, version, size);
  });

  it("that sends 256 MB as fast as it can has them taken piece by piece, in the same memory", () => {
    const fixture = version.connect();
    const { broker, client, events } = fixture;
    const size = reachable(client);
    broker.send(ENDLESS);
    const chunk = new Uint8Array(8_000).fill(0x61);
    for (let sent = 0; sent < 400; sent++) broker.send(chunk);
    expect(events.length).toBeGreaterThan(6_000);
    expect(reachable(client)).toBe(size);
    broker.expectOpen();
    expectToGoOn(fixture, version, size);
  });
});

describe.each(VERSIONS)("A server of $name that floods", (version) => {
  const { pingresp, puback, pubcomp, publish, pubrec, pubrel, suback } = version;

  /** What comes again and again, and what the client sends for each, if anything. */
  const floods: readonly (readonly [what: string, bytes: (at: number) => Uint8Array, answer: string | undefined])[] = [
    ["messages of QoS 0", () => publish({ topic: "t", payload: "x" }), undefined],
    ["messages of QoS 1", (at) => publish({ topic: "t", payload: "x", qos: 1, identifier: at }), "PUBACK"],
    ["PUBACKs for nothing", puback, undefined],
    ["PUBRECs for nothing", pubrec, "PUBREL"],
    ["PUBRELs for nothing", pubrel, "PUBCOMP"],
    ["PUBCOMPs for nothing", pubcomp, undefined],
    ["SUBACKs for nothing", (at) => suback(at, 0), undefined],
    ["PINGRESPs", () => pingresp(), undefined],
  ];

  it.each(floods)("%s is borne: answered as the standard says, in the same memory", (_what, bytes, answer) => {
    const fixture = version.connect();
    const { broker, client } = fixture;
    const size = reachable(client);
    for (let at = 1; at <= MANY; at += 100) {
      broker.send(concat(...Array.from({ length: 100 }, (_, index) => bytes(at + index))));
      const types = broker.takePackets().map(({ type }) => type);
      expect(types).toEqual(answer === undefined ? [] : Array<string>(100).fill(answer));
    }
    expect(reachable(client)).toBe(size);
    broker.expectOpen();
    expectToGoOn(fixture, version, size);
  });

  it("QoS 2 messages without ever a PUBREL is disconnected at the limit that the client has", () => {
    const fixture = version.connect({ receiveMaximum: 5 });
    const { broker, client, events } = fixture;
    const size = reachable(client);
    for (let identifier = 1; broker.transport.isOpen && identifier < 100; identifier++)
      broker.send(publish({ topic: "t", payload: "x", qos: 2, identifier }));
    expect(events).toEqual([
      ...Array<string>(5).fill("message t: x"),
      `disconnected ${version.either("ERR_RECEIVE_MAXIMUM", "ERR_PROTOCOL")}`,
    ]);
    broker.takePackets();
    expectToGoOn(fixture, version, size);
  });

  it.each([
    ["SUBACK", "ERR_PROTOCOL", packet(0x90, new Uint8Array(5_000).fill(1))],
    ["PUBACK", "ERR_MALFORMED_PACKET", packet(0x40, new Uint8Array(5_000).fill(1))],
    ["CONNACK", "ERR_MALFORMED_PACKET", packet(0x20, new Uint8Array(5_000))],
  ])("an oversized %s ends the connection", (_what, in3, bytes) => {
    const fixture = version.connect();
    const { broker, client, events } = fixture;
    const size = reachable(client);
    broker.send(bytes);
    expect(events).toEqual([`disconnected ${version.either(in3, "ERR_RECEIVE_SIZE")}`]);
    broker.takePackets();
    expectToGoOn(fixture, version, size);
  });

  it("a topic that leaves no room for payload is over the client's resources", () => {
    const fixture = version.connect();
    const size = reachable(fixture.client);
    fixture.broker.send(publish({ topic: "t".repeat(4_000), payload: "x" }));
    expect(fixture.events).toEqual(["disconnected ERR_RECEIVE_SIZE"]);
    fixture.broker.takePackets();
    expectToGoOn(fixture, version, size);
  });
});

describe("A server of MQTT 5.0 that floods with properties", () => {
  const user = (count: number): packets5.PropertyList =>
    Array.from({ length: count }, () => ["userProperty", ["n".repeat(20), "v".repeat(20)]] as const);

  it.each([
    ["in CONNACK", packets5.connack({ properties: user(1_000) })],
    ["in a message", packets5.publish({ topic: "t", payload: "x", properties: user(1_000) })],
    ["in PUBACK", packets5.puback(1, 0, user(1_000))],
    ["in SUBACK", packets5.suback(1, 0, user(1_000))],
    ["in DISCONNECT", packets5.disconnect(0x8b, user(1_000))],
  ])("%s: 44 kB are more than the client has room for", (what, bytes) => {
    const fixture = what === "in CONNACK" ? V5.start() : V5.connect();
    const { broker, client, events } = fixture;
    const size = reachable(client);
    if (what === "in CONNACK") broker.transport.accept();
    broker.send(bytes);
    expect(events).toEqual(["disconnected ERR_RECEIVE_SIZE"]);
    broker.takePackets();
    expectToGoOn(fixture, V5, size);
  });
});
