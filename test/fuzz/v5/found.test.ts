import { WOULD_BLOCK, type PayloadSource } from "mqtt-xs";
import { Client, Properties, Topic, type ClientOptions, type GivenProperties } from "mqtt-xs/v5";
import { describe, expect, it } from "vitest";
import { connack, pubcomp, publish, pubrec, pubrel } from "../../support/v5/packets.js";
import { ScriptedBroker5 } from "../../support/v5/scripted-broker.js";

/** A client of a session that outlives connections, which has asked for its first one. */
function connecting(options: Partial<ClientOptions> = {}): { broker: ScriptedBroker5; client: Client } {
  const broker = new ScriptedBroker5();
  const client = new Client({ transport: broker.transport, clock: broker.clock, clientId: "c", clean: false, random: () => 0.5, ...options });
  client.connect();
  return { broker, client };
}

function reconnect(broker: ScriptedBroker5): void {
  broker.drop();
  broker.advance(500);
}

describe("What fuzzing of 5.0 has found", () => {
  it("onDelivered gets properties, if only empty ones, for what a lost session had taken over", () => {
    const delivered: unknown[] = [];
    const { broker, client } = connecting({
      onDelivered: (identifier, reasonCode, properties) => delivered.push([identifier, reasonCode, properties.get("reasonString")]),
    });
    broker.acceptConnection();
    client.publish("a", "1", 2);
    broker.send(pubrec(1));
    broker.takePackets();
    reconnect(broker);
    broker.acceptConnection();
    expect(delivered).toEqual([[1, 0, undefined]]);
  });

  // 3.7.2.1: "This is not an error during recovery". The server has taken the message over with its PUBREC.
  it("PUBCOMP with 0x92 for a PUBREL that was sent again tells of no refusal", () => {
    const delivered: unknown[] = [];
    const { broker, client } = connecting({ onDelivered: (identifier, reasonCode) => delivered.push([identifier, reasonCode]) });
    broker.acceptConnection();
    client.publish("a", "1", 2);
    broker.send(pubrec(1));
    broker.takePackets();
    reconnect(broker);
    broker.acceptConnection({ sessionPresent: true });
    broker.expect("PUBREL", { identifier: 1 });
    broker.send(pubcomp(1, 0x92));
    expect(delivered).toEqual([[1, 0]]);
  });

  // 3.3.2.3.4: the latest topic that went out with an alias is the one that it stands for.
  it("an alias given to another topic behind packets that wait for room does not stand for the first topic any more", () => {
    const { broker, client } = connecting();
    const first = new Topic("first", 1);
    const second = new Topic("second", 1);
    broker.acceptConnection({ properties: [["topicAliasMaximum", 1]] });
    client.publish(first, "1");
    broker.expect("PUBLISH", { topic: "first", properties: { topicAlias: 1 } });
    broker.transport.room = 0;
    client.publish("other", "2");
    client.publish(second, "3");
    broker.transport.makeRoom(1000);
    broker.expect("PUBLISH", { topic: "other" });
    broker.expect("PUBLISH", { topic: "second", payload: "3" });
    client.publish(first, "4");
    broker.expect("PUBLISH", { topic: "first", payload: "4" });
  });

  // [MQTT-3.1.2-4]: with Clean Start the session is discarded on both sides, also when the CONNACK does not arrive.
  it("what a session that has run out remembers does not come back when the CONNACK of the new one is lost", () => {
    const messages: string[] = [];
    const { broker } = connecting({ onMessage: (message) => messages.push(message.text()) });
    broker.acceptConnection({ properties: [["sessionExpiryInterval", 5]] });
    broker.send(publish({ topic: "a", payload: "of the old session", qos: 2, identifier: 7 }));
    broker.expect("PUBREC", { identifier: 7 });
    broker.drop();
    broker.advance(5_000);
    for (let attempts = 0; attempts < 10 && !broker.transport.isOpening; attempts++) broker.advance(1_000);
    broker.transport.accept();
    broker.expect("CONNECT", { cleanStart: true });
    broker.drop();
    broker.advance(60_000);
    broker.transport.accept();
    const { cleanStart } = broker.expect("CONNECT");
    broker.send(connack({ sessionPresent: !cleanStart }));
    broker.send(publish({ topic: "a", payload: "of the new session", qos: 2, identifier: 7 }));
    broker.expect("PUBREC", { identifier: 7 });
    broker.send(pubrel(7));
    expect(messages).toEqual(["of the old session", "of the new session"]);
  });

  it("the reason code that the application gave one message is not that of the next, whatever their QoS", () => {
    const seen: number[] = [];
    const { broker } = connecting({
      onMessage: (message) => {
        seen.push(message.reasonCode);
        message.reasonCode = 0x87;
      },
    });
    broker.acceptConnection();
    broker.sendTogether(publish({ topic: "a", qos: 1, identifier: 7 }), publish({ topic: "a" }), publish({ topic: "a" }));
    broker.expect("PUBACK", { reasonCode: 0x87 });
    expect(seen).toEqual([0, 0, 0]);
  });

  it("User Properties that are no pairs are refused by name", () => {
    for (const userProperties of [[null], ["ab"], "abc", 5, [["a"]], { a: null }, { a: [["b"]] }]) {
      // An application without types may do so.
      const values = { userProperties } as unknown as GivenProperties;
      expect(() => new Properties(values), JSON.stringify(userProperties)).toThrow(expect.objectContaining({ code: "ERR_ARGUMENT" }));
    }
  });

  it("publish() that a payload source calls in vain changes nothing of the message that is being published", () => {
    const { broker, client } = connecting();
    const source: PayloadSource = {
      length: 1,
      read: (target, start) => {
        expect(client.publish(new Topic("b"), "2", 1, false, new Properties({ contentType: "b" }))).toBe(WOULD_BLOCK);
        target[start] = 0x31;
        return 1;
      },
    };
    broker.acceptConnection({ properties: [["topicAliasMaximum", 4]] });
    client.publish(new Topic("a"), source, 1);
    broker.expect("PUBLISH", { topic: "a", payload: "1", properties: { topicAlias: 1, contentType: undefined } });
  });

  // 3.3.4: only a QoS 2 message can be one that has come before.
  it("a QoS 1 message is one more than Receive Maximum, also under the identifier of a QoS 2 message that was not released", () => {
    const { broker } = connecting({ receiveMaximum: 1 });
    broker.acceptConnection();
    broker.send(publish({ topic: "a", qos: 2, identifier: 7 }));
    broker.expect("PUBREC", { identifier: 7 });
    broker.send(publish({ topic: "a", qos: 1, identifier: 7 }));
    broker.expect("DISCONNECT", { reasonCode: 0x93 });
    broker.expectClosed();
  });
});
