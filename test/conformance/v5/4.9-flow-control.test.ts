import { describe, expect, it } from "vitest";
import type { ClientOptions } from "mqtt-xs/v5";
import {
  connack, puback, pubcomp, publish, pubrec, pubrel, suback, type ClientPacket, type ConnackFields,
} from "../../support/v5/packets.js";
import type { ScriptedBroker5 } from "../../support/v5/scripted-broker.js";
import { connect, deliveries, expectClosedBy, type Fixture, messages, PERSISTENT, reconnect, start } from "./support.js";

const ANSWERS = { 1: puback, 2: pubrec } as const;

function limit(receiveMaximum: number | undefined, others: ConnackFields = {}): ConnackFields {
  return receiveMaximum === undefined ? others : { ...others, properties: [["receiveMaximum", receiveMaximum]] };
}

/** A client whose server takes as many messages at a time. */
function connectWith(receiveMaximum: number | undefined, options: Partial<ClientOptions> = {}): Fixture {
  return connect({ inflight: 16, keepalive: 0, ...options }, {}, limit(receiveMaximum));
}

/** Such as "PUBLISH 3", "PUBREL 1", in order. */
function sent(broker: ScriptedBroker5): string[] {
  return broker.takePackets().map((packet) => ("identifier" in packet ? `${packet.type} ${packet.identifier}` : packet.type));
}

function publishes(...identifiers: readonly number[]): string[] {
  return identifiers.map((identifier) => `PUBLISH ${identifier}`);
}

/** What a server counts: the messages that it has, and has not settled. Fails when they are more than it takes. */
class Quota {
  readonly open = new Map<number, ClientPacket<"PUBLISH">>();
  readonly released = new Set<number>();

  constructor(readonly maximum: number) {}

  take(broker: ScriptedBroker5): void {
    for (const packet of broker.takePackets()) {
      if (packet.type === "PUBREL") this.released.add(packet.identifier);
      if (packet.type !== "PUBLISH" || packet.qos === 0) continue;
      expect(this.open.has(packet.identifier), "a PUBLISH is not repeated").toBe(false);
      this.open.set(packet.identifier, packet);
      expect(this.open.size).toBeLessThanOrEqual(this.maximum);
    }
  }

  settle(identifier: number): void {
    this.open.delete(identifier);
    this.released.delete(identifier);
  }
}

describe("4.9 flow control of what goes out", () => {
  for (const maximum of [1, 2, 3])
    for (const qos of [1, 2] as const)
      it(`MQTT-4.9.0-1, MQTT-4.9.0-2, MQTT-3.3.4-7: of QoS ${qos}, ${maximum} at a time, the others one by one`, () => {
        const { broker, client } = connectWith(maximum);
        for (let at = 1; at <= 8; at++) expect(client.publish("t", `${at}`, qos)).toBe(at);
        const first = Array.from({ length: maximum }, (_, at) => at + 1);
        expect(sent(broker)).toEqual(publishes(...first));
        for (let at = 1; at <= 8; at++) {
          broker.advance(3_600_000);
          broker.expectNothing();
          broker.send(ANSWERS[qos](at));
          if (qos === 2) {
            expect(sent(broker)).toEqual([`PUBREL ${at}`]);
            broker.send(pubcomp(at));
          }
          expect(sent(broker)).toEqual(at + maximum <= 8 ? publishes(at + maximum) : []);
        }
        expect(client.inflight).toBe(0);
      });

  it("MQTT-4.9.0-1: without Receive Maximum, and with 65,535, as many go out as there are slots", () => {
    for (const maximum of [undefined, 65_535]) {
      const { broker, client } = connectWith(maximum, { inflight: 200, packetSize: 32 });
      for (let at = 1; at <= 200; at++) client.publish("t", "", 1);
      expect(sent(broker)).toEqual(publishes(...Array.from({ length: 200 }, (_, at) => at + 1)));
    }
  });

  it("3.2.2.3.3: closes on a Receive Maximum of 0", () => {
    const { broker, events } = start({ reconnectPeriod: 0, clientId: "c" });
    broker.transport.accept();
    broker.expect("CONNECT");
    broker.send(connack(limit(0)));
    broker.expectBytes("e0 01 82");
    broker.expectClosed();
    expect(events).toEqual(["disconnected ERR_PROTOCOL"]);
  });

  it("MQTT-4.9.0-1: what was published before CONNACK waits for it, and goes out as far as it allows", () => {
    const fixture = start({ clientId: "c", inflight: 4 });
    for (let at = 0; at < 4; at++) fixture.client.publish("t", "", 2);
    fixture.broker.transport.accept();
    fixture.broker.expect("CONNECT");
    fixture.broker.expectNothing();
    fixture.broker.send(connack(limit(2)));
    expect(sent(fixture.broker)).toEqual(publishes(1, 2));
  });

  it("MQTT-4.9.0-2: with 2, every order in which the server answers QoS 2 messages keeps to the quota", () => {
    const { broker, client } = connectWith(2);
    for (let at = 1; at <= 5; at++) client.publish("t", "", 2);
    expect(sent(broker)).toEqual(publishes(1, 2));
    broker.send(pubrec(2));
    expect(sent(broker)).toEqual(["PUBREL 2"]);
    broker.send(pubrec(1));
    expect(sent(broker)).toEqual(["PUBREL 1"]);
    broker.send(pubrec(1)); // repeated, it gives nothing back
    expect(sent(broker)).toEqual(["PUBREL 1"]);
    broker.send(pubcomp(1));
    expect(sent(broker)).toEqual(["PUBLISH 3"]);
    broker.send(pubcomp(1)); // nor does this
    expect(sent(broker)).toEqual([]);
    broker.send(pubrec(3, 0x97));
    expect(sent(broker)).toEqual(["PUBLISH 4"]);
    broker.sendTogether(pubcomp(2), pubrec(4));
    expect(sent(broker).sort()).toEqual(["PUBLISH 5", "PUBREL 4"]);
    broker.sendTogether(pubcomp(4), pubrec(5), pubcomp(5));
    expect(client.inflight).toBe(0);
  });

  it("MQTT-4.9.0-2: answers with an error give the quota back: PUBACK, PUBREC, and PUBCOMP with 0x92", () => {
    for (const maximum of [1, 2]) {
      const { broker, client } = connectWith(maximum);
      for (const qos of [1, 2, 2, 1] as const) client.publish("t", "", qos);
      const settle: (readonly Uint8Array[])[] = [
        [puback(1, 0x80)], [pubrec(2, 0x99)], [pubrec(3), pubcomp(3, 0x92)], [puback(4, 0x10)],
      ];
      expect(sent(broker)).toEqual(publishes(1, 2).slice(0, maximum));
      settle.forEach((answers, at) => {
        for (const answer of answers) broker.send(answer);
        const released = at === 2 ? ["PUBREL 3"] : [];
        expect(sent(broker)).toEqual([...released, ...(at + 1 + maximum <= 4 ? publishes(at + 1 + maximum) : [])]);
      });
      expect(client.inflight).toBe(0);
    }
  });

  it("MQTT-4.9.0-2: answers that nobody waits for give nothing back", () => {
    const { broker, client } = connectWith(1);
    for (let at = 1; at <= 3; at++) client.publish("t", "", at % 2 === 0 ? 1 : 2);
    expect(sent(broker)).toEqual(publishes(1));
    // For one that has not been sent, for one that there is not, and of another kind.
    broker.sendTogether(puback(2), puback(2, 0x80), pubrec(3, 0x80), pubcomp(3), puback(9), pubcomp(9), puback(1), pubcomp(1));
    expect(sent(broker)).toEqual([]);
    expect(client.inflight).toBe(3);
  });

  it("MQTT-4.9.0-2: with 1, QoS 1 and 2 share the quota, and messages keep their order", () => {
    const { broker, client } = connectWith(1);
    for (const qos of [1, 2, 2, 1, 1, 2] as const) client.publish("t", "", qos);
    expect(sent(broker)).toEqual(publishes(1));
    broker.send(puback(1));
    expect(sent(broker)).toEqual(publishes(2));
    broker.send(pubrec(2));
    expect(sent(broker)).toEqual(["PUBREL 2"]);
    broker.send(pubcomp(2));
    expect(sent(broker)).toEqual(publishes(3));
    broker.send(pubrec(3, 0x80));
    expect(sent(broker)).toEqual(publishes(4));
    broker.send(puback(4));
    expect(sent(broker)).toEqual(publishes(5));
  });

  it("MQTT-4.9.0-3, MQTT-3.3.4-8: PUBREL goes out at once, ahead of messages held back, in the order of the PUBRECs", () => {
    const { broker, client } = connectWith(3);
    for (let at = 1; at <= 6; at++) client.publish("t", "", 2);
    expect(sent(broker)).toEqual(publishes(1, 2, 3));
    broker.sendTogether(pubrec(3), pubrec(1));
    expect(sent(broker)).toEqual(["PUBREL 3", "PUBREL 1"]);
    broker.transport.room = 0;
    broker.sendTogether(pubrec(2), pubcomp(3));
    broker.transport.makeRoom(1_000);
    expect(sent(broker)).toEqual(["PUBREL 2", "PUBLISH 4"]);
  });

  it("MQTT-4.9.0-3, MQTT-3.3.4-8: everything else goes out though the quota is used up", () => {
    const { broker, client, events } = connectWith(1, { keepalive: 60 });
    client.publish("t", "1", 1);
    client.publish("t", "2", 1);
    expect(sent(broker)).toEqual(publishes(1));
    const subscribed = client.subscribe({ filter: "a" });
    expect(sent(broker)).toEqual([`SUBSCRIBE ${subscribed}`]);
    broker.send(suback(subscribed, 0));
    const unsubscribed = client.unsubscribe("a");
    expect(sent(broker)).toEqual([`UNSUBSCRIBE ${unsubscribed}`]);
    broker.send(publish({ topic: "t", qos: 1, identifier: 1 }));
    broker.expectBytes(puback(1));
    broker.send(publish({ topic: "t", qos: 2, identifier: 2 }));
    broker.expectBytes(pubrec(2));
    broker.send(pubrel(2));
    broker.expectBytes(pubcomp(2));
    broker.send(pubrec(99));
    broker.expectBytes(pubrel(99, 0x92));
    expect(client.publish("t", "0", 0)).toBe(0); // may be held back, but is not
    broker.expectBytes(publish({ topic: "t", payload: "0" }));
    broker.advance(60_000);
    expect(sent(broker)).toEqual(["PINGREQ"]);
    expect(messages({ events })).toHaveLength(2);
    client.close();
    expect(sent(broker)).toEqual(["DISCONNECT"]);
    broker.expectClosed();
  });

  it("MQTT-3.3.4-8: close does not wait for messages held back, which are there for the next connection", () => {
    const { broker, client } = connectWith(1, PERSISTENT);
    for (let at = 1; at <= 3; at++) client.publish("t", "", 1);
    expect(sent(broker)).toEqual(publishes(1));
    client.close();
    expect(sent(broker)).toEqual(["DISCONNECT"]);
    client.connect();
    broker.acceptConnection(limit(2, { sessionPresent: true }));
    expect(sent(broker)).toEqual(publishes(1, 2));
  });

  for (const [before, after] of [[1, 3], [3, 1], [2, undefined], [undefined, 2], [3, 2]] as const)
    for (const sessionPresent of [true, false])
      it(`MQTT-4.9.0-1: a maximum of ${before}, then of ${after}, session present ${sessionPresent}, each for itself`, () => {
        const fixture = connectWith(before, PERSISTENT);
        const { broker, client } = fixture;
        for (let at = 1; at <= 5; at++) client.publish("t", "", at % 2 === 0 ? 1 : 2);
        expect(sent(broker)).toEqual(publishes(1, 2, 3, 4, 5).slice(0, before ?? 5));
        reconnect(fixture, limit(after, { sessionPresent }));
        const packets = broker.takePackets();
        const identifiers = packets.map((packet) => (packet.type === "PUBLISH" ? packet.identifier : 0));
        expect(identifiers).toEqual([1, 2, 3, 4, 5].slice(0, after ?? 5));
        for (const packet of packets)
          expect(packet).toMatchObject({ dup: sessionPresent && "identifier" in packet && packet.identifier <= (before ?? 5) });
        const quota = new Quota(after ?? 65_535);
        for (const packet of packets) if (packet.type === "PUBLISH") quota.open.set(packet.identifier, packet);
        while (quota.open.size > 0)
          for (const [identifier, { qos }] of [...quota.open]) {
            quota.settle(identifier);
            broker.send(qos === 1 ? puback(identifier) : pubrec(identifier, 0x80));
            quota.take(broker);
          }
        expect(client.inflight).toBe(0);
      });

  it("MQTT-4.9.0-3: after a reconnect all PUBRELs go out at once, ahead of PUBLISH packets, though more than the maximum", () => {
    const fixture = connectWith(undefined, PERSISTENT);
    const { broker, client } = fixture;
    for (let at = 1; at <= 6; at++) client.publish("t", "", 2);
    broker.sendTogether(pubrec(5), pubrec(2), pubrec(4));
    expect(sent(broker)).toHaveLength(9);
    for (const maximum of [1, 2]) {
      reconnect(fixture, limit(maximum, { sessionPresent: true }));
      const packets = sent(broker);
      expect(packets.slice(0, 3)).toEqual(["PUBREL 5", "PUBREL 2", "PUBREL 4"]);
      expect(publishes(1, 3).slice(0, maximum)).toEqual(expect.arrayContaining(packets.slice(3)));
    }
    broker.sendTogether(pubcomp(5), pubcomp(2), pubcomp(4));
    const quota = new Quota(2);
    for (const identifier of [1, 3, 6]) {
      quota.take(broker);
      broker.send(pubrec(identifier, 0x80));
      quota.settle(identifier);
    }
    expect(client.inflight).toBe(0);
  });

  it("4.9: PUBCOMP for a PUBREL that was sent again does not raise the quota above the maximum", () => {
    const fixture = connectWith(2, PERSISTENT);
    const { broker, client } = fixture;
    for (let at = 1; at <= 2; at++) client.publish("t", "", 2);
    broker.sendTogether(pubrec(1), pubrec(2));
    broker.transport.takeSent();
    for (let at = 3; at <= 8; at++) client.publish("t", "", 1);
    reconnect(fixture, limit(2, { sessionPresent: true }));
    broker.sendTogether(pubcomp(1), pubcomp(2), pubcomp(1), pubcomp(2));
    expect(sent(broker).filter((packet) => packet.startsWith("PUBLISH"))).toEqual(publishes(3, 4));
  });

  it("MQTT-4.9.0-2: a message in pieces counts as one, from its head on", () => {
    for (const qos of [1, 2] as const) {
      const { broker, client } = connectWith(1, { packetSize: 64 });
      const payload = new Uint8Array(300);
      client.publish("t", payload, qos);
      client.publish("t", "next", qos);
      broker.expect("PUBLISH", { payload });
      broker.expectNothing();
      broker.send(ANSWERS[qos](1, 0x80));
      broker.expect("PUBLISH", { payload: "next" });
    }
  });

  it("MQTT-4.9.0-2: a slot that is free takes a message though the quota is used up; a full outbox blocks and then tells", () => {
    const { broker, client, events } = connectWith(1, { inflight: 2 });
    expect([1, 2, 3].map(() => client.publish("t", "", 1))).toEqual([1, 2, -1]);
    expect(sent(broker)).toEqual(publishes(1));
    broker.send(puback(1));
    expect(sent(broker)).toEqual(publishes(2));
    expect(events).toEqual(["delivered 1", "writable"]);
    expect(client.publish("t", "", 1)).toBe(3);
    broker.expectNothing();
  });

  it("MQTT-4.9.0-2: callbacks that publish keep to the quota", () => {
    const quota = new Quota(2);
    const fixture: Fixture = connectWith(2, {
      onDelivered: () => {
        for (let time = 0; time < 2; time++) fixture.client.publish("t", "", time === 0 ? 1 : 2);
      },
    });
    const { broker, client } = fixture;
    for (let time = 0; time < 4; time++) client.publish("t", "", 1);
    quota.take(broker);
    for (let time = 0; time < 30; time++) {
      const [identifier, { qos }] = [...quota.open][time % quota.open.size];
      quota.settle(identifier);
      broker.send(qos === 1 ? puback(identifier) : pubrec(identifier, 0x87));
      quota.take(broker);
      expect(quota.open.size).toBe(2);
    }
  });

  it("MQTT-4.9.0-1, MQTT-4.9.0-2, MQTT-4.9.0-3: at random, the quota is kept and all is delivered", () => {
    let state = 7;
    const random = (below: number): number => {
      state = (state * 48_271) % 2_147_483_647;
      return state % below;
    };
    for (let run = 0; run < 40; run++) {
      let quota = new Quota(1 + random(4));
      const fixture = connectWith(quota.maximum, { ...PERSISTENT, inflight: 8 });
      const { broker, client } = fixture;
      let published = 0;
      /** Answers one message as the server, which may also refuse it. */
      const answer = (): void => {
        const all = [...quota.open];
        if (all.length === 0) return;
        const [identifier, { qos }] = all[random(all.length)];
        if (qos === 1 || random(4) === 0) {
          quota.settle(identifier);
          broker.send(qos === 1 ? puback(identifier, random(2) * 0x97) : pubrec(identifier, 0x97));
        } else if (quota.released.has(identifier)) {
          quota.settle(identifier);
          broker.send(pubcomp(identifier));
        } else {
          broker.send(pubrec(identifier));
          quota.take(broker);
          expect(quota.released.has(identifier), "PUBREL at once").toBe(true);
        }
      };
      const renew = (): void => {
        const releases = new Set(quota.released);
        quota = new Quota(1 + random(4));
        reconnect(fixture, limit(quota.maximum, { sessionPresent: true }));
        // Those that it has released it does not count any more: the PUBREL comes again, and PUBCOMP settles it.
        quota.take(broker);
        for (const identifier of releases) {
          expect(quota.released.has(identifier)).toBe(true);
          broker.send(pubcomp(identifier));
          quota.settle(identifier);
          quota.take(broker);
        }
      };
      for (let step = 0; step < 100; step++) {
        const choice = random(6);
        if (choice < 3) published += client.publish("t", "", random(2) === 0 ? 1 : 2) > 0 ? 1 : 0;
        else if (choice < 5) answer();
        else if (random(5) === 0) renew();
        quota.take(broker);
        expect(quota.open.size).toBe(Math.min(quota.maximum, client.inflight));
      }
      for (let step = 0; step < 400 && client.inflight > 0; step++) {
        answer();
        quota.take(broker);
      }
      expect(client.inflight).toBe(0);
      const told = deliveries(fixture);
      expect(told).toHaveLength(published);
      broker.expectNothing();
    }
  });
});

describe("4.9 flow control of what comes in", () => {
  it("3.1.2.11.3: receiveMaximum is announced", () => {
    for (const [options, expected] of [[{}, 64], [{ receiveMaximum: 1 }, 1], [{ receiveMaximum: 65_534 }, 65_534]] as const) {
      const { broker } = start(options);
      expect(broker.acceptConnection().properties.receiveMaximum).toBe(expected);
    }
    const { broker } = start({ receiveMaximum: 65_535 });
    expect([undefined, 65_535]).toContain(broker.acceptConnection().properties.receiveMaximum); // which is what absence means
  });

  for (const receiveMaximum of [1, 2, 64])
    it(`MQTT-3.3.4-9: takes ${receiveMaximum} QoS 2 messages at a time; one more, of QoS 1 or 2, closes`, () => {
      const fill = ({ broker }: Fixture): void => {
        for (let identifier = 1; identifier <= receiveMaximum; identifier++) {
          broker.send(publish({ topic: "t", qos: 2, identifier }));
          broker.expectBytes(pubrec(identifier));
        }
      };
      for (const qos of [1, 2] as const)
        expectClosedBy(publish({ topic: "t", qos, identifier: 100 }), "ERR_PROTOCOL", 0x93, { receiveMaximum }, fill);
      const large = publish({ topic: "t", qos: 1, identifier: 100, payload: new Uint8Array(200) });
      expectClosedBy(large, "ERR_PROTOCOL", 0x93, { receiveMaximum, packetSize: 64 }, fill);
    });

  it("MQTT-3.3.4-9: QoS 0, and repetitions of what is under way, are taken though the quota is used up", () => {
    const { broker, events } = connect({ receiveMaximum: 1 });
    broker.send(publish({ topic: "t", payload: "1", qos: 2, identifier: 1 }));
    broker.send(publish({ topic: "t", payload: "0" }));
    for (let time = 0; time < 3; time++) broker.send(publish({ topic: "t", payload: "1", qos: 2, dup: true, identifier: 1 }));
    for (let time = 0; time < 4; time++) broker.expectBytes(pubrec(1));
    broker.expectNothing();
    broker.expectOpen();
    expect(events).toEqual(["message t: 1", "message t: 0"]);
  });

  it("MQTT-3.3.4-9: PUBACK, PUBCOMP and a PUBREC that refuses give the quota back, again and again", () => {
    const { broker } = connect({
      receiveMaximum: 2,
      onMessage: (message) => {
        if (message.text() === "no") message.reasonCode = 0x97;
      },
    });
    broker.send(publish({ topic: "t", qos: 2, identifier: 500 })); // stays
    broker.expectBytes(pubrec(500));
    for (let identifier = 1; identifier <= 100; identifier++) {
      broker.send(publish({ topic: "t", qos: 1, identifier }));
      broker.expectBytes(puback(identifier));
      broker.send(publish({ topic: "t", payload: "no", qos: 2, identifier }));
      broker.expectBytes(pubrec(identifier, 0x97));
      broker.send(publish({ topic: "t", qos: 2, identifier }));
      broker.expectBytes(pubrec(identifier));
      broker.send(pubrel(identifier));
      broker.expectBytes(pubcomp(identifier));
    }
    broker.expectOpen();
  });

  it("MQTT-3.3.4-9: many QoS 1 messages in one piece are one at a time, each being answered before the next is taken", () => {
    const { broker } = connect({ receiveMaximum: 1, packetSize: 32 });
    const identifiers = Array.from({ length: 50 }, (_, at) => at + 1);
    broker.sendTogether(...identifiers.map((identifier) => publish({ topic: "t", qos: 1, identifier })));
    for (const identifier of identifiers) broker.expectBytes(puback(identifier));
    broker.expectOpen();
  });

  it("4.9: what is under way counts in the next connection of the session, for the server sends no more until its PUBREL", () => {
    const fixture = connect({ ...PERSISTENT, receiveMaximum: 2 });
    const { broker, events } = fixture;
    for (const identifier of [1, 2]) broker.send(publish({ topic: "t", payload: "x", qos: 2, identifier }));
    broker.transport.takeSent();
    reconnect(fixture, { sessionPresent: true });
    for (const identifier of [1, 2]) {
      broker.send(publish({ topic: "t", payload: "x", qos: 2, dup: true, identifier }));
      broker.expectBytes(pubrec(identifier));
      broker.send(pubrel(identifier));
      broker.expectBytes(pubcomp(identifier));
    }
    expect(messages({ events })).toHaveLength(2);
    reconnect(fixture, { sessionPresent: false });
    for (const identifier of [1, 2]) broker.send(publish({ topic: "t", payload: "y", qos: 2, identifier }));
    broker.expectOpen();
  });

  it("4.9: a lost session gives all of the quota back", () => {
    const fixture = connect({ ...PERSISTENT, receiveMaximum: 2 });
    const { broker, events } = fixture;
    for (const identifier of [1, 2]) broker.send(publish({ topic: "t", payload: "old", qos: 2, identifier }));
    broker.transport.takeSent();
    reconnect(fixture, { sessionPresent: false });
    events.length = 0;
    for (const identifier of [2, 3]) {
      broker.send(publish({ topic: "t", payload: "new", qos: 2, identifier }));
      broker.expectBytes(pubrec(identifier));
    }
    expect(events).toEqual(["message t: new", "message t: new"]);
  });
});
