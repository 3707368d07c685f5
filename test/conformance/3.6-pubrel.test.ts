import { describe, expect, it } from "vitest";
import { packet, pubcomp, publish, pubrec, pubrel, uint16 } from "../support/packets.js";
import { connect, expectClosedBy, messages, PERSISTENT, reconnect } from "./support.js";

describe("3.6 PUBREL", () => {
  it("MQTT-3.6.1-1: PUBREL goes out with flags 2, when it is sent again too", () => {
    const fixture = connect(PERSISTENT);
    const { broker, client } = fixture;
    client.publish("t", "", 2);
    broker.expect("PUBLISH");
    broker.send(pubrec(1));
    broker.expectBytes("62 02 00 01");
    broker.send(pubrec(1));
    broker.expectBytes("62 02 00 01");
    reconnect(fixture, { sessionPresent: true });
    broker.expectBytes("62 02 00 01");
    broker.expectNothing();
  });

  it("MQTT-3.6.1-1: closes on PUBREL with other flags, without letting go of the identifier", () => {
    for (let flags = 0; flags < 16; flags++) {
      if (flags === 2) continue;
      const violation = packet(0x60 | flags, uint16(7));
      const fixture = connect(PERSISTENT);
      const { broker, events } = fixture;
      broker.send(publish({ topic: "t", payload: "x", qos: 2, identifier: 7 }));
      broker.expect("PUBREC");
      broker.send(violation);
      broker.expectClosed();
      reconnect(fixture, { sessionPresent: true });
      broker.send(publish({ topic: "t", payload: "x", qos: 2, dup: true, identifier: 7 }));
      broker.expect("PUBREC");
      expect(messages({ events })).toHaveLength(1);
      expect(events).toContain("disconnected ERR_MALFORMED_PACKET");
      expectClosedBy(violation, "ERR_MALFORMED_PACKET");
    }
  });

  it("a PUBREL is always answered: known, repeated or unknown", () => {
    const { broker, events } = connect();
    broker.send(publish({ topic: "t", payload: "x", qos: 2, identifier: 7 }));
    broker.expect("PUBREC");
    for (const identifier of [7, 7, 8, 65_535]) {
      broker.send(pubrel(identifier));
      broker.expectBytes(pubcomp(identifier));
      broker.expectNothing();
    }
    expect(events).toEqual(["message t: x"]);
    broker.expectOpen();
  });

  it("a PUBREL is answered on the next connection too, where its PUBREC was sent on the last one", () => {
    const fixture = connect(PERSISTENT);
    const { broker } = fixture;
    broker.send(publish({ topic: "t", qos: 2, identifier: 7 }));
    broker.expect("PUBREC");
    reconnect(fixture, { sessionPresent: true });
    broker.send(pubrel(7));
    broker.expectBytes(pubcomp(7));
  });
});
