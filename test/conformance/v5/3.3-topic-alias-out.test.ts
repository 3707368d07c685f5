import { describe, expect, it } from "vitest";
import { Topic as PlainTopic, type PayloadSource } from "mqtt-xs";
import { Properties, Topic, type ClientOptions } from "mqtt-xs/v5";
import { puback, publish, pubrec, type ClientPacket, type ConnackFields } from "../../support/v5/packets.js";
import type { ScriptedBroker5 } from "../../support/v5/scripted-broker.js";
import { connect, expectRefused, PERSISTENT, reconnect, type Fixture } from "./support.js";

const QUALITIES = [0, 1, 2] as const;
const LONG = "a/rather/long/topic/name";

/** What a server makes of the PUBLISH packets of one connection, which must all mean something to it. */
class Aliases {
  readonly topics = new Map<number, string>();
  announcements = 0;

  constructor(readonly maximum: number) {}

  topicOf({ topic, properties: { topicAlias = 0 } }: ClientPacket<"PUBLISH">): string {
    expect(topicAlias, "within the Topic Alias Maximum").toBeLessThanOrEqual(this.maximum);
    if (topic !== "" && topicAlias > 0) {
      this.announcements++;
      this.topics.set(topicAlias, topic);
    }
    const known = topic === "" ? this.topics.get(topicAlias) : topic;
    if (known === undefined) throw new Error(`alias ${topicAlias} stands for nothing`);
    return known;
  }

  /** Topic, QoS, DUP and payload of all that the client has sent. */
  take(broker: ScriptedBroker5): string[] {
    return broker.takePackets().map((packet) => {
      if (packet.type !== "PUBLISH") return packet.type;
      const text = packet.payload.length > 20 ? `${packet.payload.length} bytes` : new TextDecoder().decode(packet.payload);
      return `${this.topicOf(packet)} ${packet.qos}${packet.dup ? " again" : ""}: ${text}`;
    });
  }
}

function accepted(maximum: number | undefined, others: ConnackFields = {}): ConnackFields {
  return maximum === undefined ? others : { ...others, properties: [["topicAliasMaximum", maximum]] };
}

function connectWith(maximum: number | undefined, options: Partial<ClientOptions> = {}): Fixture {
  return connect({ inflight: 16, ...options }, {}, accepted(maximum));
}

/** A source that has all its bytes at once. */
function source(bytes: Uint8Array): PayloadSource {
  return {
    length: bytes.length,
    read: (target, start, end, position) => {
      target.set(bytes.subarray(position, position + end - start), start);
      return end - start;
    },
  };
}

describe("3.3.2.3.4 Topic Alias of what goes out", () => {
  for (const qos of QUALITIES)
    for (const alias of [0, 1, 7, 65_535])
      it(`3.3.2.3.4: with QoS ${qos}, alias ${alias || "by itself"} is announced once and stands for the topic then`, () => {
        const { broker, client } = connectWith(65_535, { topicAliases: 65_535 });
        const topic = new Topic(LONG, alias);
        const used = alias === 0 ? 1 : alias;
        for (let time = 0; time < 4; time++) {
          const identifier = client.publish(topic, `${time}`, qos, time % 2 === 0);
          const properties = [["topicAlias", used]] as const;
          const name = time === 0 ? LONG : "";
          broker.expectBytes(publish({ topic: name, payload: `${time}`, qos, identifier, retain: time % 2 === 0, properties }));
        }
        broker.expectNothing();
      });

  it("3.3.2.3.4: an alias serves all qualities of service, whichever announced it", () => {
    for (const first of QUALITIES) {
      const { broker, client } = connectWith(5);
      const topic = new Topic(LONG);
      client.publish(topic, "first", first);
      broker.expect("PUBLISH", { topic: LONG, properties: { topicAlias: 1 } });
      for (const qos of [...QUALITIES, ...QUALITIES]) {
        client.publish(topic, "next", qos);
        broker.expect("PUBLISH", { topic: "", qos, payload: "next", properties: { topicAlias: 1 } });
      }
    }
  });

  it("3.3.2.3.4: an alias stands beside the application's properties, announced or used", () => {
    const { broker, client } = connectWith(5);
    const topic = new Topic("t");
    for (const name of ["t", "", ""])
      for (const qos of name === "t" ? ([0] as const) : QUALITIES)
        for (const size of [0, 118, 119, 120, 121, 122, 123, 124, 125, 126, 127, 130]) {
          const properties = new Properties({ contentType: "c".repeat(size), userProperties: [["b", "1"], ["a", "2"]] });
          const first = name === "t" && size === 0;
          const identifier = client.publish(topic, "x", qos, false, properties);
          broker.expect("PUBLISH", {
            topic: first ? "t" : "",
            payload: "x",
            identifier,
            properties: { topicAlias: 1, contentType: "c".repeat(size), userProperties: [["b", "1"], ["a", "2"]] },
          });
          if (qos === 1) broker.send(puback(identifier));
          if (qos === 2) broker.send(pubrec(identifier, 0x80));
        }
    broker.expectNothing();
  });

  it("3.3.2.3.4: each topic has an alias of its own, each announced once", () => {
    const { broker, client } = connectWith(10);
    const aliases = new Aliases(10);
    const topics = ["a", "b", "c", "d", "e"].map((name) => new Topic(name));
    for (let round = 0; round < 3; round++)
      topics.forEach((topic, at) => {
        client.publish(topic, `${round}`, 0);
        expect(aliases.take(broker)).toEqual([`${"abcde"[at]} 0: ${round}`]);
      });
    expect(aliases.announcements).toBe(5);
    expect([...aliases.topics.keys()].sort()).toEqual([1, 2, 3, 4, 5]);
  });

  it("3.3.2.3.4: topics as text, and those of mqtt-xs, are sent by their names", () => {
    const { broker, client } = connectWith(10);
    for (const topic of ["t", new PlainTopic("t")])
      for (const qos of QUALITIES) {
        const identifier = client.publish(topic, "x", qos);
        broker.expectBytes(publish({ topic: "t", payload: "x", qos, identifier }));
      }
  });

  it("MQTT-3.3.2-7: every connection begins without aliases, the first message of each topic announces its own again", () => {
    for (const sessionPresent of [true, false])
      for (const qos of QUALITIES) {
        const fixture = connectWith(5, PERSISTENT);
        const { broker, client } = fixture;
        const topics = [new Topic(LONG, 3), new Topic("automatic")];
        for (let connection = 0; connection < 3; connection++) {
          for (const topic of topics)
            for (const isFirst of [true, false]) {
              const identifier = client.publish(topic, "x", qos);
              const name = topic === topics[0] ? LONG : "automatic";
              const { properties } = broker.expect("PUBLISH", { topic: isFirst ? name : "", identifier });
              expect(properties.topicAlias).toBe(topic === topics[0] ? 3 : 1);
              if (qos === 1) broker.send(puback(identifier));
              if (qos === 2) broker.send(pubrec(identifier, 0x87));
            }
          reconnect(fixture, accepted(5, { sessionPresent }));
          broker.expectNothing();
        }
      }
  });

  it("MQTT-3.3.2-7: after close and connect as well", () => {
    const { broker, client } = connectWith(5);
    const topic = new Topic(LONG);
    client.publish(topic, "x");
    broker.expect("PUBLISH", { topic: LONG, properties: { topicAlias: 1 } });
    client.close();
    broker.expect("DISCONNECT");
    client.connect();
    broker.acceptConnection(accepted(5));
    client.publish(topic, "x");
    broker.expect("PUBLISH", { topic: LONG, properties: { topicAlias: 1 } });
  });

  it("MQTT-3.3.2-8: no alias of 0 is sent, whatever the server allows", () => {
    for (const maximum of [undefined, 0, 1])
      for (const qos of QUALITIES) {
        const { broker, client } = connectWith(maximum);
        client.publish(new Topic("a"), "", qos);
        client.publish(new Topic("b", 0), "", qos);
        for (const packet of broker.takePackets())
          if (packet.type === "PUBLISH") expect(packet.properties.topicAlias).not.toBe(0);
      }
  });

  it("MQTT-3.3.2-8: an alias that does not exist is refused", () => {
    for (const alias of [-1, 65_536, 0.5, NaN, "1" as unknown as number])
      expectRefused(() => new Topic("t", alias), "ERR_ARGUMENT", "alias");
  });

  for (const maximum of [undefined, 0, 1, 2, 65_535])
    it(`MQTT-3.3.2-9: with a Topic Alias Maximum of ${maximum}, none above is sent, by hand or automatic`, () => {
      for (const qos of QUALITIES) {
        const { broker, client } = connectWith(maximum, { topicAliases: 65_535, inflight: 32 });
        const aliases = new Aliases(maximum ?? 0);
        const topics = [1, 2, 3, 65_535, 0, 0, 0].map((alias, at) => new Topic(`t${at}`, alias));
        for (let round = 0; round < 3; round++)
          topics.forEach((topic, at) => {
            client.publish(topic, `${round}`, qos);
            expect(aliases.take(broker)).toEqual([`t${at} ${qos}: ${round}`]);
          });
        expect(aliases.topics.size).toBe(maximum === 65_535 ? 4 : maximum ?? 0);
      }
    });

  it("MQTT-3.3.2-9: the maximum is that of the connection at hand", () => {
    const fixture = connectWith(3, PERSISTENT);
    const { broker, client } = fixture;
    const topics = [new Topic("a"), new Topic("b"), new Topic("c"), new Topic("d", 3)];
    for (const maximum of [3, 1, undefined, 2, 0, 4, 3]) {
      reconnect(fixture, accepted(maximum, { sessionPresent: true }));
      const aliases = new Aliases(maximum ?? 0);
      for (let round = 0; round < 2; round++) for (const topic of topics) client.publish(topic, "");
      expect(aliases.take(broker)).toEqual(["a 0: ", "b 0: ", "c 0: ", "d 0: ", "a 0: ", "b 0: ", "c 0: ", "d 0: "]);
    }
  });

  it("3.3.2.3.4: topicAliases is a limit too, also where the server takes more", () => {
    for (const topicAliases of [0, 1, 3]) {
      const { broker, client } = connectWith(100, { topicAliases });
      const aliases = new Aliases(topicAliases);
      const topics = ["a", "b", "c", "d", "e"].map((name) => new Topic(name));
      for (let round = 0; round < 2; round++) for (const topic of topics) client.publish(topic, "");
      expect(aliases.take(broker)).toEqual(Array.from("abcdeabcde").map((name) => `${name} 0: `));
      expect(aliases.announcements).toBe(topicAliases);
    }
  });

  it("3.3.2.3.4: two topics with the same alias by hand never pass for each other", () => {
    for (const qos of QUALITIES) {
      const { broker, client } = connectWith(5);
      const aliases = new Aliases(5);
      const [a, b, automatic] = [new Topic("a", 1), new Topic("b", 1), new Topic("c")];
      for (const topic of [a, b, b, a, automatic, a, automatic, automatic, b, a]) client.publish(topic, "", qos);
      expect(aliases.take(broker)).toEqual(Array.from("abbacaccba").map((name) => `${name} ${qos}: `));
    }
  });

  it("3.3.2.3.4: one Topic serves two clients, each with its own server", () => {
    const one = connectWith(2);
    const other = connectWith(2);
    const tables = [new Aliases(2), new Aliases(2)];
    const topics = ["a", "b", "c", "d"].map((name) => new Topic(name));
    for (const order of [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2]])
      for (const [at, { broker, client }] of [other, one].entries()) {
        for (const index of order) client.publish(topics[at === 0 ? index : 3 - index], "");
        const names = order.map((index) => "abcd"[at === 0 ? index : 3 - index]);
        expect(tables[at].take(broker)).toEqual(names.map((name) => `${name} 0: `));
      }
  });

  it("3.3.2.3.4: a message refused at the call announces nothing", () => {
    const { broker, client } = connectWith(5, { packetSize: 64 });
    const topic = new Topic(LONG);
    const properties = new Properties({ contentType: "c".repeat(60) });
    for (const qos of QUALITIES) expectRefused(() => client.publish(topic, "", qos, false, properties), "ERR_PACKET_SIZE");
    client.publish(topic, "x");
    broker.expect("PUBLISH", { topic: LONG, payload: "x" });
  });
});

describe("3.3.2.3.4 Topic Alias of what was stored", () => {
  for (const qos of [1, 2] as const) {
    for (const before of [undefined, 1, 5])
      for (const after of [undefined, 0, 1, 2, 65_535])
        it(`3.3.2.3.4: QoS ${qos} sent with maximum ${before} goes again with ${after}, by topic or known alias`, () => {
          const fixture = connectWith(before, PERSISTENT);
          const { broker, client } = fixture;
          const topics = [new Topic("one"), new Topic("two"), new Topic("three", 5)];
          for (let round = 0; round < 2; round++) for (const topic of topics) client.publish(topic, `${round}`, qos);
          const expected = ["one", "two", "three", "one", "two", "three"].map((name, at) => [name, at < 3 ? 0 : 1]);
          expect(new Aliases(before ?? 0).take(broker)).toEqual(expected.map(([name, round]) => `${name} ${qos}: ${round}`));
          for (let connection = 0; connection < 2; connection++) {
            reconnect(fixture, accepted(after, { sessionPresent: true }));
            const aliases = new Aliases(after ?? 0);
            expect(aliases.take(broker)).toEqual(expected.map(([name, round]) => `${name} ${qos} again: ${round}`));
            for (const topic of topics) client.publish(topic, "next");
            expect(aliases.take(broker)).toEqual(["one 0: next", "two 0: next", "three 0: next"]);
          }
          reconnect(fixture, accepted(after, { sessionPresent: false }));
          expect(new Aliases(after ?? 0).take(broker)).toEqual(expected.map(([name, round]) => `${name} ${qos}: ${round}`));
        });

    it(`3.3.2.3.4: QoS ${qos} published while there is no connection means the same to the server`, () => {
      const fixture = connectWith(1, PERSISTENT);
      const { broker, client } = fixture;
      const topic = new Topic(LONG);
      broker.drop();
      for (const payload of ["1", "2", "3"]) client.publish(topic, payload, qos, false, new Properties({ contentType: "c" }));
      reconnect(fixture, accepted(1, { sessionPresent: true }));
      const aliases = new Aliases(1);
      const sent = aliases.take(broker);
      expect(sent).toEqual(["1", "2", "3"].map((payload) => `${LONG} ${qos}: ${payload}`));
      client.publish(topic, "4", qos);
      expect(aliases.take(broker)).toEqual([`${LONG} ${qos}: 4`]);
    });
  }

  it("3.3.2.3.4: a message held back by flow control comes with a topic that the server knows by then", () => {
    for (const qos of [1, 2] as const) {
      const { broker, client } = connect({ inflight: 8 }, {}, {
        properties: [["topicAliasMaximum", 2], ["receiveMaximum", 1]],
      });
      const aliases = new Aliases(2);
      const [a, b] = [new Topic("a"), new Topic("b")];
      const identifiers = [a, b, a, b].map((topic, at) => client.publish(topic, `${at}`, qos));
      for (const [at, identifier] of identifiers.entries()) {
        expect(aliases.take(broker)).toEqual([`${"abab"[at]} ${qos}: ${at}`]);
        broker.send(qos === 1 ? puback(identifier) : pubrec(identifier, 0x80));
      }
      broker.expectNothing();
    }
  });
});

describe("3.3.2.3.4 Topic Alias while the socket takes nothing", () => {
  for (const first of QUALITIES)
    for (const second of QUALITIES)
      it(`3.3.2.3.4: announced by QoS ${first} that waits, used by QoS ${second} that waits behind it`, () => {
        const fixture = connectWith(2, PERSISTENT);
        const { broker, client } = fixture;
        broker.transport.room = 0;
        const topic = new Topic(LONG);
        const expected: string[] = [];
        for (const [at, qos] of [first, second, first].entries())
          if (client.publish(topic, `${at}`, qos) >= 0) expected.push(`${LONG} ${qos}: ${at}`);
        broker.expectNothing();
        const aliases = new Aliases(2);
        for (let step = 0; step < 200; step++) broker.transport.makeRoom(1);
        expect(aliases.take(broker).sort()).toEqual(expected.sort()); // QoS 0 may go ahead
        for (const qos of QUALITIES) client.publish(topic, "after", qos);
        broker.transport.makeRoom(1_000);
        expect(aliases.take(broker)).toEqual(QUALITIES.map((qos) => `${LONG} ${qos}: after`));
        reconnect(fixture, accepted(2, { sessionPresent: true }));
        expect(() => new Aliases(2).take(broker)).not.toThrow();
      });

  it("3.3.2.3.4: an announcement that never left is none", () => {
    for (const qos of QUALITIES) {
      const fixture = connectWith(2, PERSISTENT);
      const { broker, client } = fixture;
      broker.transport.room = 0;
      const topic = new Topic(LONG);
      client.publish(topic, "lost", qos);
      broker.transport.room = Infinity;
      reconnect(fixture, accepted(2, { sessionPresent: true }));
      const aliases = new Aliases(2);
      client.publish(topic, "next", 0);
      const again = qos === 0 ? [] : [`${LONG} ${qos}: lost`];
      const resent = aliases.take(broker).map((event) => event.replace(" again", ""));
      expect(resent).toEqual([...again, `${LONG} 0: next`]);
      expect(aliases.announcements).toBeGreaterThanOrEqual(1);
    }
  });

  it("3.3.2.3.4: a stored message too large for the socket does not spoil the alias for a smaller one", () => {
    const { broker, client } = connectWith(2);
    const topic = new Topic("t");
    const aliases = new Aliases(2);
    broker.transport.room = 20;
    client.publish(topic, "x".repeat(20), 1); // does not leave
    client.publish(topic, "y", 0); // does
    client.publish(topic, "z", 0);
    broker.transport.makeRoom(1_000);
    expect(aliases.take(broker).sort()).toEqual(["t 0: y", "t 0: z", `t 1: ${"x".repeat(20)}`]);
  });

  it("3.3.2.3.4: two topics with one alias, announced one behind the other, do not pass for each other afterwards", () => {
    for (const qos of QUALITIES)
      for (const last of ["a", "b"]) {
        const { broker, client } = connectWith(2);
        const topics = { a: new Topic("a", 1), b: new Topic("b", 1) };
        const aliases = new Aliases(2);
        broker.transport.room = 0;
        client.publish(topics.a, "1", 0);
        client.publish(topics.b, "2", qos);
        broker.transport.makeRoom(1_000);
        client.publish(topics[last as "a" | "b"], "3", 0);
        expect(aliases.take(broker)).toEqual(["a 0: 1", `b ${qos}: 2`, `${last} 0: 3`]);
      }
  });

  it("3.3.2.3.4: payloads from small sources, while what is before them waits, keep to what was announced", () => {
    for (const qos of QUALITIES) {
      const { broker, client } = connectWith(2, { packetSize: 128 });
      const aliases = new Aliases(2);
      const [a, b] = [new Topic("a"), new Topic("b")];
      broker.transport.room = 0;
      const expected: string[] = [];
      for (const [at, topic] of [a, a, b, b, a].entries()) {
        const bytes = new TextEncoder().encode(`${at}`);
        if (client.publish(topic, source(bytes), qos) >= 0) expected.push(`${"aabba"[at]} ${qos}: ${at}`);
      }
      for (let step = 0; step < 300; step++) broker.transport.makeRoom(1);
      expect(aliases.take(broker)).toEqual(expected);
      expect(expected.length).toBeGreaterThan(0);
      client.publish(b, source(new TextEncoder().encode("z")), qos);
      broker.transport.makeRoom(1_000);
      expect(aliases.take(broker)).toEqual([`b ${qos}: z`]);
    }
  });

  it("3.3.2.3.4: payloads in pieces announce and use aliases like any others, also after breaking off", () => {
    const bytes = new Uint8Array(300).fill(0x61);
    for (const qos of QUALITIES)
      for (const payload of [bytes, source(bytes)]) {
        const fixture = connectWith(2, { ...PERSISTENT, packetSize: 64 });
        const { broker, client } = fixture;
        const topic = new Topic("a/b");
        const aliases = new Aliases(2);
        for (let time = 0; time < 3; time++) client.publish(topic, payload, qos);
        client.publish(topic, "small", qos);
        const large = `a/b ${qos}: 300 bytes`;
        expect(aliases.take(broker)).toEqual([large, large, large, `a/b ${qos}: small`]);
        broker.transport.room = 100;
        client.publish(topic, payload, qos);
        broker.transport.takeSent();
        broker.transport.room = Infinity;
        reconnect(fixture, accepted(1, { sessionPresent: true }));
        const next = new Aliases(1);
        client.publish(topic, "next");
        const again = `a/b ${qos} again: 300 bytes`;
        const resent = qos === 0 ? [] : [again, again, again, `a/b ${qos} again: small`, again];
        expect(next.take(broker)).toEqual([...resent, "a/b 0: next"]);
      }
  });

  it("3.3.2.3.4: however the socket takes it, and however often it breaks, every alias stands for its topic", () => {
    let state = 1;
    const random = (limit: number): number => {
      state = (state * 48_271) % 2_147_483_647;
      return state % limit;
    };
    let checked = 0;
    for (let run = 0; run < 60; run++) {
      const maximum = random(4);
      const fixture = connectWith(maximum, { ...PERSISTENT, packetSize: 96, topicAliases: 3, inflight: 6 });
      const { broker, client } = fixture;
      const names = ["a", "bb", "a/rather/long/one", "d"];
      const topics = names.map((name, at) => new Topic(name, at === 3 ? 2 : 0));
      let aliases = new Aliases(maximum);
      const check = (): void => {
        for (const event of aliases.take(broker)) {
          if (!event.includes(": ")) continue; // not a PUBLISH
          const [topic, rest] = event.split(": ");
          expect(topic.split(" ")[0]).toBe(names[Number(rest[0])]);
          checked++;
        }
      };
      for (let step = 0; step < 80; step++) {
        const at = random(4);
        const size = random(3) === 0 ? 40 : 4;
        const text = `${at}-`.padEnd(size, "x").slice(0, 20);
        const payload = new TextEncoder().encode(text);
        switch (random(8)) {
          case 0:
            broker.transport.room = random(60);
            break;
          case 1:
            broker.transport.makeRoom(random(200));
            break;
          case 2:
            if (random(4) === 0) {
              broker.transport.room = Infinity;
              const next = random(4);
              broker.transport.takeSent();
              reconnect(fixture, accepted(next, { sessionPresent: random(3) > 0 }));
              aliases = new Aliases(next);
            }
            break;
          case 3:
            broker.sendTogether(...[1, 2, 3, 4, 5, 6].map(() => puback(random(80) + 1)));
            break;
          default:
            client.publish(topics[at], random(2) === 0 ? payload : source(payload), random(2) === 0 ? 0 : 1);
        }
        if (broker.transport.room > 1_000_000 || random(10) === 0) {
          broker.transport.room = 1_000_000_000;
          broker.transport.makeRoom(1);
          check();
        }
      }
      broker.transport.makeRoom(1_000_000_000);
      check();
    }
    expect(checked).toBeGreaterThan(500);
  });
});

/** Where a payload stands in for its topic: `at`, then bytes that tell their place. */
function numbered(at: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index === 0 ? at : (index * 31 + length) & 0xff));
}

describe("3.3.2.3.4 Topic Alias, payload and properties", () => {
  it("3.3.2.3.4: whatever the sizes, each message has its own topic, properties and payload, first and again", () => {
    let state = 11;
    const random = (limit: number): number => {
      state = (state * 48_271) % 2_147_483_647;
      return state % limit;
    };
    const names = ["a", "b".repeat(100), "a/rather/long/one", "d", "e".repeat(40)];
    const seen = { messages: 0, again: 0, withAliasAlone: 0 };
    for (let run = 0; run < 50; run++) {
      const packetSize = 250 + random(60);
      const fixture = connectWith(random(5), { ...PERSISTENT, packetSize, inflight: 8 });
      const { broker, client } = fixture;
      const topics = names.map((name, at) => new Topic(name, at === 3 ? 1 : 0));
      let aliases = new Aliases(client.server.topicAliasMaximum);
      const check = (): void => {
        for (const packet of broker.takePackets()) {
          if (packet.type !== "PUBLISH") continue;
          expect(packet.bytes.length).toBeLessThanOrEqual(client.server.maximumPacketSize);
          const name = aliases.topicOf(packet);
          seen.messages++;
          if (packet.dup) seen.again++;
          if (packet.topic === "") seen.withAliasAlone++;
          const at = packet.payload[0];
          expect(name).toBe(names[at]);
          expect([...packet.payload]).toEqual([...numbered(at, packet.payload.length)]);
          const { contentType, userProperties } = packet.properties;
          expect(contentType ?? `${at}`).toMatch(new RegExp(`^${at}+$`));
          expect(userProperties).toEqual(contentType === undefined ? undefined : [["at", `${at}`]]);
          if (random(3) === 0) continue;
          if (packet.qos === 1) broker.send(puback(packet.identifier));
          if (packet.qos === 2) broker.send(pubrec(packet.identifier, random(2) * 0x97));
        }
      };
      for (let step = 0; step < 60; step++) {
        const at = random(5);
        const bytes = numbered(at, 1 + random(random(4) === 0 ? 600 : 150));
        const list = { contentType: `${at}`.repeat(1 + random(120)), userProperties: { at: `${at}` } };
        const properties = random(2) === 0 ? new Properties(list) : undefined;
        const qos = random(3) as 0 | 1 | 2;
        broker.transport.room = random(3) === 0 ? random(400) : 1_000_000;
        const maximum = client.server.maximumPacketSize;
        try {
          client.publish(topics[at], random(2) === 0 ? bytes : source(bytes), qos, false, properties);
        } catch (error) {
          expect(error).toMatchObject({ code: "ERR_PACKET_SIZE" });
          const fields = { topic: names[at], payload: bytes, qos };
          const parts = properties ? ([["contentType", list.contentType], ["userProperty", ["at", `${at}`]]] as const) : [];
          const size = publish({ ...fields, properties: parts }).length;
          expect(size > maximum || size - bytes.length > packetSize).toBe(true);
        }
        if (random(2) === 0) {
          broker.transport.makeRoom(1_000_000);
          check();
        }
        if (random(12) > 0) continue;
        broker.transport.makeRoom(1_000_000);
        const [next, largest] = [random(5), 200 + random(400)];
        const announced = [["topicAliasMaximum", next], ["maximumPacketSize", largest]] as const;
        reconnect(fixture, { sessionPresent: random(3) > 0, properties: announced });
        aliases = new Aliases(next);
        check();
      }
    }
    expect(seen.messages).toBeGreaterThan(1_000);
    expect(seen.again).toBeGreaterThan(50);
    expect(seen.withAliasAlone).toBeGreaterThan(200);
  });
});

describe("3.3.2.3.4 Topic Alias and the largest packet", () => {
  const NAME = "0123456789";
  for (const qos of QUALITIES) {
    const plain = publish({ topic: NAME, payload: "x", qos }).length;

    for (let size = plain; size < plain + 8; size++)
      it(`MQTT-3.2.2-15: with QoS ${qos}, a server that takes ${size} bytes gets none more, and knows every topic`, () => {
        const answer: ConnackFields = { properties: [["topicAliasMaximum", 5], ["maximumPacketSize", size]] };
        const fixture = connect({ ...PERSISTENT, inflight: 8 }, {}, answer);
        const { broker, client } = fixture;
        let aliases = new Aliases(5);
        const topic = new Topic(NAME);
        const take = (): string[] =>
          broker.takePackets().map((packet) => {
            expect(packet.bytes.length).toBeLessThanOrEqual(size);
            return packet.type === "PUBLISH" ? aliases.topicOf(packet) : packet.type;
          });
        for (let time = 0; time < 3; time++) client.publish(topic, "x", qos);
        expect(take()).toEqual([NAME, NAME, NAME]);
        if (qos === 0) expect(aliases.announcements).toBe(size >= plain + 3 ? 1 : 0);
        reconnect(fixture, { ...answer, sessionPresent: true });
        aliases = new Aliases(5);
        expect(take()).toEqual(qos === 0 ? [] : [NAME, NAME, NAME]);
      });

    it(`MQTT-3.2.2-15: with QoS ${qos}, a message too large for the server with its full topic is refused`, () => {
      const list = [["topicAliasMaximum", 5], ["maximumPacketSize", plain - 1]] as const;
      const { broker, client } = connect({}, {}, { properties: list });
      const topic = new Topic(NAME);
      expectRefused(() => client.publish(topic, "x", qos), "ERR_PACKET_SIZE");
      broker.expectNothing();
      expect(client.inflight).toBe(0);
      client.publish(topic, "", qos);
      broker.expect("PUBLISH", { topic: NAME, payload: "" });
    });

    for (let packetSize = 32; packetSize < 40; packetSize++)
      it(`3.3.2.3.4: with QoS ${qos}, an alias makes no message too large for a packetSize of ${packetSize}`, () => {
        const head = publish({ topic: "", qos }).length;
        for (let length = packetSize - head - 8; length <= packetSize - head; length++)
          for (const payload of ["", "x", "12345678"]) {
            const name = "n".repeat(length);
            const { broker, client } = connectWith(5, { packetSize });
            const aliases = new Aliases(5);
            const topic = new Topic(name);
            for (let time = 0; time < 3; time++) client.publish(topic, payload, qos);
            expect(aliases.take(broker)).toEqual(Array.from({ length: 3 }, () => `${name} ${qos}: ${payload}`));
          }
      });
  }
});
