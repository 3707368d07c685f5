import { describe, expect, it } from "vitest";
import { puback, pubcomp, publish, pubrec, pubrel } from "../support/packets.js";
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
    broker.expectBytes(publish({ topic: "t", payload: "2", qos: 1, dup: true, identifier: 2 }));
    broker.expectBytes(publish({ topic: "t", payload: "3", qos: 2, dup: true, identifier: 3 }));
    broker.expectBytes(pubrel(4));
    broker.expectNothing();
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
      expect(broker.takePackets().map((sent) => [sent.type, "identifier" in sent ? sent.identifier : 0])).toEqual([
        ["PUBLISH", 2],
        ["PUBREL", 3],
        ["PUBREL", 1],
        ["PUBREL", 4],
      ]);
    }
  });
});
