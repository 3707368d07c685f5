import { describe, expect, it } from "vitest";
import { Properties, type ClientOptions } from "mqtt-xs/v5";
import { puback, pubcomp, publish, pubrec, pubrel, suback, unsuback, type PropertyList } from "../../support/v5/packets.js";
import { connect, type Fixture } from "./support.js";

/** One message of each QoS comes in, and is acknowledged as it must be. */
function expectAcknowledged({ broker }: Fixture, topic: string, properties: PropertyList = []): void {
  broker.send(publish({ topic, qos: 0, properties }));
  broker.expectNothing();
  broker.sendByteByByte(publish({ topic, qos: 1, identifier: 7, properties }));
  broker.expectBytes(puback(7));
  broker.sendByteByByte(publish({ topic, qos: 2, identifier: 8, properties }));
  broker.expectBytes(pubrec(8));
  broker.send(pubrel(8));
  broker.expectBytes(pubcomp(8));
  broker.expectNothing();
  broker.expectOpen();
}

describe("4.5 Message receipt", () => {
  it("MQTT-4.5.0-2: a message that matches no subscription is acknowledged by its QoS, and goes to onMessage", () => {
    const fixture = connect();
    expectAcknowledged(fixture, "never/asked/for");
    expect(fixture.events).toEqual(Array(3).fill("message never/asked/for: "));
  });

  it("MQTT-4.5.0-2: so is one that nobody listens to, having neither handler nor onMessage", () => {
    const fixture = connect({ onMessage: undefined } as unknown as Partial<ClientOptions>);
    fixture.client.subscribe({ filter: "a" });
    fixture.broker.expect("SUBSCRIBE");
    fixture.broker.send(suback(1, 2));
    expectAcknowledged(fixture, "a");
  });

  it("MQTT-4.5.0-2: so is one that comes while the UNSUBACK is awaited, and after it", () => {
    const fixture = connect();
    const { broker, client } = fixture;
    client.subscribe({ filter: "a", qos: 2, handler: () => undefined });
    broker.expect("SUBSCRIBE");
    broker.send(suback(1, 2));
    client.unsubscribe("a");
    broker.expect("UNSUBSCRIBE");
    expectAcknowledged(fixture, "a");
    broker.send(unsuback(2, 0));
    expectAcknowledged(fixture, "a");
  });

  it("MQTT-4.5.0-2: so is one with the identifiers of no subscription, or of one that there is no more", () => {
    const fixture = connect();
    const { broker, client, events } = fixture;
    const handler = (): unknown => events.push("handler");
    client.subscribe({ filter: "a", qos: 2, handler }, undefined, new Properties({ subscriptionIdentifier: 4 }));
    broker.expect("SUBSCRIBE");
    broker.send(suback(1, 2));
    expectAcknowledged(fixture, "a", [["subscriptionIdentifier", 5], ["subscriptionIdentifier", 0xfffffff]]);
    client.unsubscribe("a");
    broker.expect("UNSUBSCRIBE");
    broker.send(unsuback(2, 0));
    expectAcknowledged(fixture, "a", [["subscriptionIdentifier", 4]]);
    expect(events).toEqual(Array(6).fill("message a: "));
  });

  it("MQTT-4.5.0-2: so is one whose QoS is higher than what was granted or asked for", () => {
    const fixture = connect();
    const { broker, client } = fixture;
    client.subscribe({ filter: "a", qos: 0, handler: () => undefined });
    broker.expect("SUBSCRIBE");
    broker.send(suback(1, 0));
    expectAcknowledged(fixture, "a");
  });

  it("MQTT-4.5.0-2: so is one whose handler throws; the exception is the host's, and what is behind is taken as well", () => {
    for (const qos of [1, 2] as const) {
      let calls = 0;
      const { broker } = connect({
        onMessage: () => {
          if (calls++ === 0) throw new Error("of the application");
        },
      });
      expect(() =>
        broker.sendTogether(publish({ topic: "a", qos, identifier: 7 }), publish({ topic: "a", qos, identifier: 8 })),
      ).toThrow("of the application");
      broker.advance(100);
      for (const identifier of [7, 8]) broker.expectBytes(qos === 1 ? puback(identifier) : pubrec(identifier));
      broker.expectNothing();
      expect(calls).toBe(2);
    }
  });

  it("MQTT-4.5.0-2: so is one that is larger than packetSize and comes in pieces, once, behind the last", () => {
    for (const qos of [1, 2] as const) {
      const { broker, events } = connect({ packetSize: 64, onMessage: ({ offset }) => events.push(String(offset)) });
      const bytes = publish({ topic: "a", payload: new Uint8Array(300), qos, identifier: 7 });
      broker.send(bytes.slice(0, -1));
      broker.expectNothing();
      broker.send(bytes.slice(-1));
      broker.expectBytes(qos === 1 ? puback(7) : pubrec(7));
      broker.expectNothing();
      expect(events.length).toBeGreaterThan(3);
    }
  });

  it("MQTT-4.5.0-2: so is one that the application refuses, with its reason, by PUBACK or PUBREC", () => {
    for (const reasonCode of [0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99]) {
      const { broker } = connect({ onMessage: (message) => (message.reasonCode = reasonCode) });
      broker.send(publish({ topic: "a", qos: 1, identifier: 7 }));
      broker.expectBytes(puback(7, reasonCode));
      broker.send(publish({ topic: "a", qos: 2, identifier: 8 }));
      broker.expectBytes(pubrec(8, reasonCode));
      broker.expectNothing();
      broker.expectOpen();
    }
  });
});
