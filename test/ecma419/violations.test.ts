import { describe, expect, it } from "vitest";
import type { ErrorCode } from "../../src/errors.js";
import { connack, hex, publish, suback } from "../support/packets.js";
import { connected, create, expectFailed, expectThrown } from "./support.js";
import { TCP, TLS } from "./support/fake-socket.js";

const bytesOf = (packet: Uint8Array | string): Uint8Array => (typeof packet === "string" ? hex(packet) : packet);
const BEHIND = publish({ topic: "behind", payload: "not to be seen", qos: 1, identifier: 99 });

/** The client ends the connection with this error, however the bytes come in, and takes nothing behind them. */
function expectViolation(packet: Uint8Array | string, code: ErrorCode): void {
  for (const manner of [TCP, TLS])
    for (const byteByByte of [false, true]) {
      const fixture = connected({}, manner);
      const { server, events, messages } = fixture;
      if (byteByByte) for (const byte of bytesOf(packet)) server.link.receive(Uint8Array.of(byte));
      else server.link.receive(Uint8Array.from([...bytesOf(packet), ...BEHIND]));
      server.settle();
      expect(events).toEqual([["error", code]]);
      expect(messages).toEqual([]);
      expect(server.takeHex()).toBe("");
      expectFailed(fixture, code);
    }
}

describe("A server that sends", () => {
  const MALFORMED: Readonly<Record<string, Uint8Array | string>> = {
    "PUBLISH with QoS 3": "36 05 00 01 74 00 01",
    "PUBLISH with DUP and QoS 0": "38 04 00 01 74 78",
    "PUBLISH shorter than its topic": "30 03 00 02 61",
    "PUBLISH shorter than its identifier": "32 04 00 01 61 00",
    "PUBLISH without a topic": "30 00",
    "PUBLISH to an empty topic": "30 02 00 00",
    "PUBLISH to a topic with a wildcard": publish({ topic: "a/+" }),
    "PUBLISH to a topic with U+0000": publish({ topic: "a\0" }),
    "PUBLISH to a topic that is not UTF-8": publish({ topic: hex("c3 28"), payload: "x" }),
    "PUBACK with flags": "42 02 00 01",
    "PUBREC with flags": "51 02 00 01",
    "PUBREL without its flags": "60 02 00 01",
    "PUBCOMP with flags": "78 02 00 01",
    "SUBACK with flags": "92 03 00 01 00",
    "UNSUBACK with flags": "b2 02 00 01",
    "PINGRESP with flags": "d1 00",
    "PUBACK that is too short": "40 01 00",
    "PUBACK that is too long": "40 03 00 01 00",
    "SUBACK without a code": "90 02 00 01",
    "UNSUBACK that is too long": "b0 03 00 01 00",
    "PINGRESP with content": "d0 01 00",
    "a remaining length of over four bytes": "30 80 80 80 80 01",
  };
  it.each(Object.entries(MALFORMED))("%s breaks the format", (_name, packet) => {
    expectViolation(packet, "ERR_MALFORMED_PACKET");
  });

  const FORBIDDEN: Readonly<Record<string, Uint8Array | string>> = {
    "CONNACK again": connack(),
    "CONNACK again, with a refusal": connack({ returnCode: 5 }),
    "packet type 0": "00 00",
    CONNECT: "10 0c 00 04 4d 51 54 54 04 02 00 3c 00 00",
    SUBSCRIBE: "82 06 00 01 00 01 61 00",
    UNSUBSCRIBE: "a2 05 00 01 00 01 61",
    PINGREQ: "c0 00",
    DISCONNECT: "e0 00",
    "packet type 15": "f0 00",
    "PUBLISH with identifier 0": "32 05 00 01 61 00 00",
    "PUBACK with identifier 0": "40 02 00 00",
    "PUBREC with identifier 0": "50 02 00 00",
    "PUBREL with identifier 0": "62 02 00 00",
    "PUBCOMP with identifier 0": "70 02 00 00",
    "SUBACK with identifier 0": "90 03 00 00 00",
    "UNSUBACK with identifier 0": "b0 02 00 00",
    "SUBACK with code 3": suback(1, 0, 3),
  };
  it.each(Object.entries(FORBIDDEN))("%s breaks the protocol", (_name, packet) => {
    expectViolation(packet, "ERR_PROTOCOL");
  });

  it.each([["30 03 00 01 61"], ["40 02 00 01"], ["d0 00"], ["90 03 00 01 00"], ["62 02 00 01"]])("%s before CONNACK breaks it, too", (packet) => {
    const fixture = create();
    fixture.server.open();
    fixture.server.take();
    fixture.server.send(packet, connack());
    expect(fixture.events).toEqual([["error", "ERR_PROTOCOL"]]);
    expectFailed(fixture, "ERR_PROTOCOL");
    expect(fixture.messages).toEqual([]);
  });

  it.each([["20 01 00"], ["20 03 00 00 00"], ["20 02 02 00"], ["22 02 00 00"]])("%s for a CONNACK breaks the format", (packet) => {
    const fixture = create();
    fixture.server.open();
    fixture.server.send(packet);
    expectFailed(fixture, "ERR_MALFORMED_PACKET");
  });

  it("an answer that no buffer holds breaks the protocol", () => {
    const fixture = connected({ packetSize: 64 });
    fixture.server.send("90 7f 00 01", new Uint8Array(125));
    expectFailed(fixture, "ERR_PROTOCOL");
  });

  it("a violation behind an unread payload is told when that has been read", () => {
    const { client, server, events } = connected({ onReadable: () => undefined });
    server.send(publish({ topic: "t", payload: "x" }), "c0 00");
    expect(events).toEqual([]);
    client.read();
    server.settle();
    expect(events).toEqual([["error", "ERR_PROTOCOL"]]);
  });
});

describe("The error", () => {
  it("is an MqttError, whose fault is the server's, with a message", () => {
    const errors: unknown[] = [];
    const { server } = connected({ onError: (error) => errors.push(error) });
    server.send("c0 00");
    expect(errors).toMatchObject([{ name: "MqttError", code: "ERR_PROTOCOL", fault: "server" }]);
    expect(errors[0]).toBeInstanceOf(Error);
    expect(Reflect.get(errors[0] as Error, "message")).not.toBe("");
  });

  it("needs nobody to hear it", () => {
    const fixture = connected({ onError: undefined as never });
    fixture.server.send("c0 00");
    expect(fixture.server.link.isClosed).toBe(true);
    expectThrown(() => fixture.client.write(null, { topic: "t" }), "ERR_STATE");
  });
});
