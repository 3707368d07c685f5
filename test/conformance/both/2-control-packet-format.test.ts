import { describe, expect, it } from "vitest";
import { VERSIONS } from "./versions.js";

describe.each(VERSIONS)("$name, 2.2.2 Flags", ({ connect, connectPacket, named, publish, pubrec, pubrel }) => {
  it(named(["MQTT-2.2.2-1", "MQTT-2.1.3-1"], "CONNECT has flags 0"), () => {
    expect(connectPacket()[0]).toBe(0x10);
  });

  it(named(["MQTT-2.2.2-1", "MQTT-2.1.3-1"], "SUBSCRIBE and UNSUBSCRIBE have flags 2"), () => {
    const { broker, client } = connect();
    client.subscribe({ filter: "a" });
    broker.expectBytes("82");
    broker.transport.takeSent();
    client.unsubscribe("a");
    broker.expectBytes("a2");
  });

  it(named(["MQTT-2.2.2-1", "MQTT-2.1.3-1"], "PUBACK, PUBREC and PUBCOMP have flags 0, PUBREL has flags 2"), () => {
    const { broker, client } = connect();
    broker.send(publish({ topic: "t", qos: 1, retain: true, dup: true, identifier: 1 }));
    broker.expectBytes("40 02 00 01");
    broker.send(publish({ topic: "t", qos: 2, retain: true, dup: true, identifier: 2 }));
    broker.expectBytes("50 02 00 02");
    broker.send(pubrel(2));
    broker.expectBytes("70 02 00 02");
    client.publish("t", "", 2, true);
    broker.expect("PUBLISH");
    broker.send(pubrec(1));
    broker.expectBytes("62 02 00 01");
    broker.expectNothing();
  });

  it(named(["MQTT-2.2.2-1", "MQTT-2.1.3-1"], "PINGREQ and DISCONNECT have flags 0"), () => {
    const { broker, client } = connect({ keepalive: 1 });
    broker.advance(1000);
    broker.expectBytes("c0 00");
    client.close();
    broker.expectBytes("e0 00");
    broker.expectClosed();
  });
});

describe.each(VERSIONS)("$name, 2.3.1 Packet Identifier", ({ connect, named }) => {
  it(named(["MQTT-2.3.1-2", "MQTT-2.2.1-3"], "every request under way has an identifier of its own"), () => {
    const { broker, client } = connect({ inflight: 4, subscriptions: 4 });
    for (const filter of ["a", "b", "c"]) client.subscribe({ filter });
    client.unsubscribe("a");
    for (const qos of [1, 2, 1, 2] as const) client.publish("t", "", qos);
    const identifiers = broker.takePackets().map((sent) => ("identifier" in sent ? sent.identifier : 0));
    expect(identifiers).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});
