import { describe, expect, it } from "vitest";
import { Properties, Topic } from "mqtt-xs/v5";
import { connack, puback, pubcomp, publish, pubrec, pubrel, toHex } from "../../support/v5/packets.js";
import { connect, PERSISTENT, reconnect } from "./support.js";

describe("4.4 Message delivery retry", () => {
  it("MQTT-4.4.0-1: after a reconnect what is not acknowledged is sent again, under its identifier, and nothing else", () => {
    const fixture = connect({ ...PERSISTENT, inflight: 8 });
    const { broker, client } = fixture;
    client.publish("t", "1", 1);
    client.publish("t", "2", 1);
    client.publish("t", "3", 2);
    client.publish("t", "4", 2);
    client.publish("t", "5", 2);
    client.publish("t", "0", 0);
    broker.transport.takeSent();
    broker.sendTogether(puback(1), pubrec(4), pubrec(5));
    broker.transport.takeSent();
    broker.send(pubcomp(5));
    reconnect(fixture, { sessionPresent: true });
    const packets = broker.takePackets().map(({ bytes }) => toHex(bytes));
    const again = [
      publish({ topic: "t", payload: "2", qos: 1, dup: true, identifier: 2 }),
      publish({ topic: "t", payload: "3", qos: 2, dup: true, identifier: 3 }),
    ].map(toHex);
    expect(packets.filter((packet) => packet !== toHex(pubrel(4)))).toEqual(again);
    expect(packets).toHaveLength(3);
  });
});

describe("4.4 what a server has answered with an error", () => {
  it("MQTT-4.4.0-2: PUBACK and PUBREC from 0x80 on settle their message, which is never sent again", () => {
    for (const code of [0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99]) {
      const fixture = connect({ ...PERSISTENT, inflight: 8, keepalive: 0 });
      const { broker, client, events } = fixture;
      for (const qos of [1, 2, 1, 2] as const) client.publish("t", "x", qos);
      broker.transport.takeSent();
      broker.sendTogether(puback(1, code), pubrec(2, code));
      expect(events).toEqual([1, 2].map((identifier) => `delivered ${identifier} 0x${code.toString(16)}`));
      broker.advance(3_600_000);
      broker.expectNothing();
      for (const sessionPresent of [true, true, false]) {
        reconnect(fixture, { sessionPresent });
        expect(broker.takePackets()).toMatchObject([
          { type: "PUBLISH", identifier: 3, dup: sessionPresent },
          { type: "PUBLISH", identifier: 4, dup: sessionPresent },
        ]);
      }
    }
  });

  it("MQTT-4.4.0-1: nothing is sent again where a subscription, a ping or another message goes out", () => {
    const { broker, client } = connect({ ...PERSISTENT, keepalive: 10 });
    client.publish("t", "1", 1);
    client.publish("t", "2", 2);
    broker.transport.takeSent();
    broker.send(pubrec(2));
    broker.expectBytes(pubrel(2));
    client.subscribe({ filter: "a" });
    broker.expect("SUBSCRIBE");
    client.publish("t", "3", 1);
    broker.expect("PUBLISH", { payload: "3" });
    let pings = 0;
    for (let time = 0; time < 30; time++) {
      broker.advance(4_000);
      for (const packet of broker.takePackets()) {
        expect(packet.type).toBe("PINGREQ");
        pings++;
      }
      broker.send("d0 00");
    }
    expect(pings).toBeGreaterThan(5);
  });

  it("MQTT-4.4.0-1: what is acknowledged before it has been sent again is not delivered twice", () => {
    const fixture = connect(PERSISTENT);
    const { broker, client, events } = fixture;
    client.publish("t", "1", 1);
    broker.expect("PUBLISH");
    broker.drop();
    broker.advance(0);
    broker.transport.accept();
    broker.expect("CONNECT");
    broker.transport.room = 0;
    broker.sendTogether(connack({ sessionPresent: true }), puback(1), puback(1, 0x97));
    broker.transport.makeRoom(1_000);
    if (client.inflight > 0) {
      broker.expect("PUBLISH", { identifier: 1, dup: true });
      broker.send(puback(1));
    }
    expect(events.filter((event) => event.startsWith("delivered 1"))).toHaveLength(1);
    broker.expectNothing();
  });

  it("MQTT-4.4.0-1, MQTT-4.6.0-1: repeated messages keep properties and order, whatever the Receive Maximum", () => {
    const fixture = connect({ ...PERSISTENT, inflight: 8 }, {}, { properties: [["topicAliasMaximum", 3]] });
    const { broker, client } = fixture;
    const topics = [new Topic("a"), new Topic("b")];
    for (let at = 0; at < 6; at++)
      client.publish(topics[at % 2], `${at}`, at % 3 === 0 ? 2 : 1, false, new Properties({ userProperties: { at: `${at}` } }));
    broker.transport.takeSent();
    reconnect(fixture, { sessionPresent: true, properties: [["receiveMaximum", 2]] });
    for (let at = 0; at < 6; at++) {
      const identifier = at + 1;
      const properties = { topicAlias: undefined, userProperties: [["at", `${at}`]] } as const;
      broker.expect("PUBLISH", { topic: "ab"[at % 2], payload: `${at}`, identifier, dup: true, properties });
      broker.send(at % 3 === 0 ? pubrec(identifier, 0x80) : puback(identifier));
    }
    broker.expectNothing();
    expect(client.inflight).toBe(0);
  });
});

describe("4.6 Message ordering", () => {
  it("MQTT-4.6.0-4: that order holds after a reconnect as well", () => {
    const fixture = connect({ ...PERSISTENT, inflight: 4 });
    const { broker, client } = fixture;
    for (let index = 0; index < 4; index++) client.publish("t", "", 2);
    broker.transport.takeSent();
    broker.sendTogether(pubrec(3), pubrec(1), pubrec(4));
    broker.transport.takeSent();
    for (let connection = 0; connection < 2; connection++) {
      reconnect(fixture, { sessionPresent: true });
      const sent = broker.takePackets().map((packet) => `${packet.type} ${"identifier" in packet ? packet.identifier : ""}`);
      expect(sent.filter((packet) => packet !== "PUBLISH 2")).toEqual(["PUBREL 3", "PUBREL 1", "PUBREL 4"]);
      expect(sent).toHaveLength(4);
    }
  });
});
