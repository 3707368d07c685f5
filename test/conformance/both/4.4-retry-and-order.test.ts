import { describe, expect, it } from "vitest";
import { deliveries, PERSISTENT, reconnect } from "../support.js";
import { VERSIONS } from "./versions.js";

describe.each(VERSIONS)("$name, 4.4 Delivery retry", ({ connect, named, connack, puback, pubcomp, publish, pubrec, pubrel }) => {
  it(named("MQTT-4.4.0-1", "nothing is sent again but after a reconnect"), () => {
    const { broker, client } = connect({ ...PERSISTENT, keepalive: 0 });
    client.publish("t", "1", 1);
    client.publish("t", "2", 2);
    broker.transport.takeSent();
    broker.send(pubrec(2));
    broker.expect("PUBREL");
    broker.advance(3_600_000);
    broker.expectNothing();
  });

  it(named("MQTT-4.4.0-1", "what is acknowledged on the new connection is done, each kind"), () => {
    const fixture = connect(PERSISTENT);
    const { broker, client, events } = fixture;
    client.publish("t", "1", 1);
    client.publish("t", "2", 2);
    client.publish("t", "3", 2);
    broker.transport.takeSent();
    broker.send(pubrec(3));
    broker.transport.takeSent();
    reconnect(fixture, { sessionPresent: true });
    broker.transport.takeSent();
    broker.sendTogether(puback(1), pubrec(2), pubcomp(3));
    broker.expectBytes(pubrel(2));
    broker.send(pubcomp(2));
    expect(deliveries({ events })).toEqual(["delivered 1", "delivered 3", "delivered 2"]);
    expect(client.inflight).toBe(0);
    broker.expectNothing();
  });

  it(named("MQTT-4.4.0-1", "a connection that breaks amid the repetition changes nothing about the next one"), () => {
    const fixture = connect(PERSISTENT);
    const { broker, client } = fixture;
    for (const payload of ["1", "2", "3"]) client.publish("t", payload, 1);
    broker.transport.takeSent();
    broker.drop();
    broker.advance(0);
    broker.transport.accept();
    broker.expect("CONNECT");
    broker.transport.room = publish({ topic: "t", payload: "1", qos: 1 }).length; // for one of them
    broker.send(connack({ sessionPresent: true }));
    broker.expect("PUBLISH", { payload: "1", dup: true, identifier: 1 });
    broker.expectNothing();
    broker.transport.room = Infinity;
    reconnect(fixture, { sessionPresent: true });
    for (const payload of ["1", "2", "3"]) broker.expect("PUBLISH", { payload, dup: true, identifier: Number(payload) });
    broker.expectNothing();
  });
});

describe.each(VERSIONS)("$name, 4.6 Message ordering", ({ connect, named, puback, publish, pubrec, pubrel }) => {
  it(named("MQTT-4.6.0-1", "repeated messages keep their order, ahead of those not sent yet"), () => {
    const fixture = connect({ ...PERSISTENT, inflight: 8 });
    const { broker, client } = fixture;
    for (const payload of ["1", "2", "3", "4", "5", "6"]) client.publish("t", payload, Number(payload) % 2 === 0 ? 2 : 1);
    broker.transport.takeSent();
    broker.sendTogether(puback(3), puback(1));
    broker.drop();
    client.publish("t", "7", 1);
    client.publish("t", "8", 2);
    reconnect(fixture, { sessionPresent: true });
    expect(broker.takePackets()).toMatchObject([
      { identifier: 2, dup: true },
      { identifier: 4, dup: true },
      { identifier: 5, dup: true },
      { identifier: 6, dup: true },
      { identifier: 7, dup: false },
      { identifier: 8, dup: false },
    ]);
  });

  it(named("MQTT-4.6.0-1", "the order holds though identifiers have wrapped and slots were used before"), () => {
    const fixture = connect({ ...PERSISTENT, inflight: 3, packetSize: 64 });
    const { broker, client } = fixture;
    const topic = "t";
    for (let identifier = 1; identifier <= 65_533; identifier++) {
      client.publish(topic, "", 1);
      broker.transport.takeSent();
      broker.send(puback(identifier));
    }
    client.publish(topic, "a", 1); // 65,534
    client.publish(topic, "b", 1); // 65,535
    client.publish(topic, "c", 1); // 1
    broker.send(puback(65_534));
    client.publish(topic, "d", 1); // 2, in the slot that was a's
    broker.transport.takeSent();
    reconnect(fixture, { sessionPresent: true });
    expect(broker.takePackets()).toMatchObject([{ identifier: 65_535 }, { identifier: 1 }, { identifier: 2 }]);
  });

  it(named("MQTT-4.6.0-2", "PUBACKs leave in the order of the PUBLISHs"), () => {
    const { broker } = connect();
    const identifiers = [9, 3, 7, 1, 65_535, 2];
    broker.sendTogether(...identifiers.map((identifier) => publish({ topic: "t", qos: 1, identifier })));
    for (const identifier of identifiers) broker.expectBytes(puback(identifier));
    broker.expectNothing();
  });

  it(named("MQTT-4.6.0-3", "PUBRECs leave in the order of the PUBLISHs, repeated ones included"), () => {
    const { broker } = connect();
    const identifiers = [9, 3, 7, 3, 65_535, 9, 2];
    broker.sendTogether(...identifiers.map((identifier) => publish({ topic: "t", qos: 2, identifier })));
    for (const identifier of identifiers) broker.expectBytes(pubrec(identifier));
    broker.expectNothing();
  });

  it(named("MQTT-4.6.0-2, MQTT-4.6.0-3", "acknowledgements keep their order when the stream takes them only bit by bit"), () => {
    const { broker } = connect({ packetSize: 32 });
    broker.transport.room = 0;
    const identifiers = Array.from({ length: 20 }, (_, index) => 100 - index);
    const messages = identifiers.map((identifier) => publish({ topic: "t", qos: identifier % 2 === 0 ? 1 : 2, identifier }));
    broker.sendTogether(...messages);
    for (let step = 0; step < 20; step++) broker.transport.makeRoom(10);
    for (const identifier of identifiers) broker.expectBytes(identifier % 2 === 0 ? puback(identifier) : pubrec(identifier));
    broker.expectNothing();
  });

  it(named("MQTT-4.6.0-4", "PUBRELs leave in the order of the PUBRECs, not of the PUBLISHs"), () => {
    const { broker, client } = connect({ inflight: 4 });
    for (let index = 0; index < 4; index++) client.publish("t", "", 2);
    broker.transport.takeSent();
    broker.sendTogether(pubrec(3), pubrec(1), pubrec(4), pubrec(2));
    for (const identifier of [3, 1, 4, 2]) broker.expectBytes(pubrel(identifier));
    broker.expectNothing();
  });

  it(named("MQTT-4.6.0-4", "a PUBREC repeated before its PUBREL could leave does not let it overtake another"), () => {
    const { broker, client } = connect({ inflight: 4 });
    for (let index = 0; index < 2; index++) client.publish("t", "", 2);
    broker.transport.takeSent();
    broker.sendTogether(pubrec(1), pubrec(2), pubrec(2));
    broker.expectBytes(pubrel(1));
    broker.expectBytes(pubrel(2));
  });

  it("messages reach the application in the order they came in, whatever their QoS", () => {
    const { broker, events } = connect();
    broker.sendTogether(
      ...([0, 1, 2, 1, 0, 2] as const).map((qos, at) => publish({ topic: "t", payload: String(at), qos, identifier: at + 1 })),
    );
    expect(events).toEqual([0, 1, 2, 3, 4, 5].map((at) => `message t: ${at}`));
  });
});
