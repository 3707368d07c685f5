import { describe, expect, it } from "vitest";
import { Properties } from "mqtt-xs/v5";
import { puback, pubcomp, publish, pubrec, pubrel } from "../../support/v5/packets.js";
import { connect, deliveries, expectClosedBy, messages, PERSISTENT, reconnect } from "./support.js";

describe("4.3.3 QoS 2", () => {
  it("MQTT-4.3.3-4: from 0x80 on, PUBREC ends the exchange: no PUBREL, nothing sent again, the slot is free", () => {
    for (const code of [0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99]) {
      const fixture = connect({ ...PERSISTENT, inflight: 1, keepalive: 0 });
      const { broker, client } = fixture;
      client.publish("t", "x", 2);
      broker.expect("PUBLISH");
      broker.send(pubrec(1, code));
      expect(client.inflight).toBe(0);
      expect(deliveries(fixture)).toEqual([`delivered 1 0x${code.toString(16)}`]);
      broker.advance(3_600_000);
      reconnect(fixture, { sessionPresent: true });
      broker.expectNothing();
      reconnect(fixture, { sessionPresent: false });
      broker.expectNothing();
      expect(client.publish("t", "y", 2)).toBe(2);
      broker.expect("PUBLISH", { payload: "y", dup: false });
    }
  });

  it("MQTT-4.3.3-4: below 0x80, which is 0x00 and 0x10, PUBREC gets PUBREL", () => {
    for (const code of [0x00, 0x10])
      for (const form of ["short", "long"] as const) {
        const fixture = connect();
        const { broker, client } = fixture;
        client.publish("t", "x", 2);
        broker.expect("PUBLISH");
        broker.sendByteByByte(pubrec(1, code, [], form));
        broker.expectBytes("62 02 00 01");
        broker.send(pubcomp(1, 0, [], form));
        expect(deliveries(fixture)).toEqual(["delivered 1"]);
        broker.expectNothing();
      }
  });

  it("MQTT-4.3.3-7: a message that has expired, sent or not, is sent and sent again all the same", () => {
    for (const qos of [1, 2] as const) {
      const fixture = connect({ ...PERSISTENT, keepalive: 0 });
      const { broker, client } = fixture;
      const properties = new Properties({ messageExpiryInterval: 1 });
      client.publish("t", "x", qos, false, properties);
      const fields = { topic: "t", payload: "x", qos, properties: [["messageExpiryInterval", 1]] } as const;
      broker.expectBytes(publish(fields));
      broker.advance(60_000);
      broker.expectNothing();
      reconnect(fixture, { sessionPresent: true });
      broker.expectBytes(publish({ ...fields, dup: true }));
      if (qos === 1) continue;
      broker.send(pubrec(1));
      broker.expectBytes(pubrel(1));
      broker.advance(60_000);
      broker.send(pubcomp(1));
      expect(deliveries(fixture)).toEqual(["delivered 1"]);
    }
  });

  it("MQTT-4.3.3-13: the exchange of a received message goes to its end, however short it was to live", () => {
    for (const messageExpiryInterval of [0, 1]) {
      const fixture = connect({ ...PERSISTENT, keepalive: 0 });
      const { broker } = fixture;
      const properties = [["messageExpiryInterval", messageExpiryInterval]] as const;
      const message = publish({ topic: "t", payload: "x", qos: 2, identifier: 7, properties });
      broker.send(message);
      broker.expectBytes(pubrec(7));
      broker.advance(60_000);
      broker.send(publish({ topic: "t", payload: "x", qos: 2, identifier: 7, dup: true, properties }));
      broker.expectBytes(pubrec(7));
      broker.advance(60_000);
      broker.send(pubrel(7));
      broker.expectBytes(pubcomp(7));
      expect(messages(fixture)).toEqual(["message t: x"]);
    }
  });

  it("MQTT-4.3.3-10, MQTT-4.3.3-12: a QoS 1 message may have the identifier of a QoS 2 message that is done", () => {
    const fixture = connect();
    const { broker } = fixture;
    for (let round = 0; round < 2; round++) {
      broker.send(publish({ topic: "t", payload: "2", qos: 2, identifier: 7 }));
      broker.expectBytes(pubrec(7));
      broker.send(pubrel(7));
      broker.expectBytes(pubcomp(7));
      broker.send(publish({ topic: "t", payload: "1", qos: 1, identifier: 7 }));
      broker.expectBytes(puback(7));
    }
    expect(messages(fixture)).toEqual(["message t: 2", "message t: 1", "message t: 2", "message t: 1"]);
  });

  it("MQTT-3.3.4-9: closes where the server has more QoS 2 messages under way than receiveMaximum", () => {
    expectClosedBy(publish({ topic: "t", qos: 2, identifier: 3 }), "ERR_PROTOCOL", 0x93, { receiveMaximum: 2 }, ({ broker }) => {
      for (const identifier of [1, 2]) {
        broker.send(publish({ topic: "t", qos: 2, identifier }));
        broker.expectBytes(pubrec(identifier));
      }
    });
  });
});
