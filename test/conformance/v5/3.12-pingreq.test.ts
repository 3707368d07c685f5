import { describe, expect, it } from "vitest";
import { pingresp } from "../../support/v5/packets.js";
import { connect, expectClosedBy, expectNotConnectedBy } from "./support.js";

describe("3.12 PINGREQ", () => {
  it("3.12.1: PINGREQ is two bytes", () => {
    const { broker } = connect({ keepalive: 10 });
    broker.advance(9_999);
    broker.expectBytes("c0 00");
    broker.expectNothing();
  });

  it("MQTT-3.12.4-1: the same by the Keep Alive of the server, in place of the client's", () => {
    for (const keepalive of [0, 1, 65_535]) {
      const answer = { properties: [["serverKeepAlive", 10]] } as const;
      const { broker, events } = connect({ keepalive, reconnectPeriod: 0 }, {}, answer);
      broker.advance(9_999);
      broker.expect("PINGREQ");
      broker.expectNothing();
      broker.advance(5_001);
      broker.expectClosed();
      expect(events).toEqual(["disconnected ERR_KEEPALIVE_TIMEOUT"]);
    }
  });

  it("MQTT-3.12.4-1: notices a dead server though the stream takes no byte any more, or is in the midst of a message", () => {
    for (const room of [0, 200]) {
      const { broker, client, events } = connect({ keepalive: 10, reconnectPeriod: 0, packetSize: 64 });
      broker.transport.room = room;
      client.publish("t", new Uint8Array(1_000));
      broker.transport.takeSent();
      broker.advance(15_000);
      broker.expectClosed();
      expect(events).toEqual(["disconnected ERR_KEEPALIVE_TIMEOUT"]);
    }
  });
});

describe("3.13 PINGRESP", () => {
  it("closes on flags that are not 0, on content, and on one before CONNACK", () => {
    for (let flags = 1; flags < 16; flags++) expectClosedBy(Uint8Array.of(0xd0 | flags, 0), "ERR_MALFORMED_PACKET", 0x81);
    expectClosedBy("d0 01 00", "ERR_MALFORMED_PACKET", 0x81);
    expectClosedBy("d0 80 01", "ERR_MALFORMED_PACKET", 0x81);
    expectNotConnectedBy(pingresp(), "ERR_PROTOCOL", 0x82);
  });

  it("closes on a PINGREQ, which no server sends", () => {
    expectClosedBy("c0 00", "ERR_PROTOCOL", 0x82);
  });
});
