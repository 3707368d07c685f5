import { describe, expect, it } from "vitest";
import { TopicFilter, WOULD_BLOCK, type QoS } from "mqtt-xs";
import { Properties, type GivenProperties, type Subscription } from "mqtt-xs/v5";
import {
  concat,
  hex,
  mqttString,
  packet,
  properties,
  puback,
  pubrec,
  publish,
  suback,
  uint16,
  type PropertyList,
} from "../../support/v5/packets.js";
import { connect, expectRefused, PERSISTENT, reconnect, start, type Fixture } from "./support.js";

/** A SUBSCRIBE as it must be on the wire. */
function subscribePacket(identifier: number, list: PropertyList, ...filters: readonly (readonly [string, number])[]): Uint8Array {
  const payload = filters.map(([filter, options]) => concat(mqttString(filter), Uint8Array.of(options)));
  return packet(0x82, uint16(identifier), properties(list), ...payload);
}

const identified = (subscriptionIdentifier: number): Properties => new Properties({ subscriptionIdentifier });

describe("3.8 SUBSCRIBE", () => {
  it("MQTT-3.8.1-1: SUBSCRIBE has flags 2, also when it is sent again and when it restores what the server has lost", () => {
    const fixture = connect(PERSISTENT);
    const { broker, client } = fixture;
    client.subscribe({ filter: "a" });
    broker.expectBytes("82 07 00 01 00 00 01 61 00");
    reconnect(fixture, { sessionPresent: true });
    broker.expectBytes("82 07 00 01 00 00 01 61 00");
    broker.send(suback(1, 0));
    reconnect(fixture, { sessionPresent: false });
    broker.expectBytes("82 07 00 02 00 00 01 61 00");
    broker.expectNothing();
  });

  it("MQTT-3.8.1-1: flags 2 with properties and several filters as well", () => {
    const { broker, client } = connect();
    client.subscribe([{ filter: "a" }, { filter: "b" }], undefined, identified(300));
    broker.expectBytes("82 0e 00 01 03 0b ac 02 00 01 61 00 00 01 62 00");
    broker.expectNothing();
  });

  it("MQTT-3.8.3-1: filters are sent as UTF-8, as text and prepared alike", () => {
    const { broker, client } = connect();
    client.subscribe([{ filter: "é/+" }, { filter: new TopicFilter("😀/#"), qos: 2 }, { filter: "\ufeff" }]);
    broker.expectBytes("82 19 00 01 00 00 04 c3 a9 2f 2b 00 00 06 f0 9f 98 80 2f 23 02 00 03 ef bb bf 00");
    broker.expectNothing();
  });

  it("MQTT-3.8.3-1: refuses a filter that UTF-8 cannot express, and keeps nothing of the whole call", () => {
    const { broker, client, events } = connect();
    const handler = (): unknown => events.push("handler");
    for (const filter of ["a/\ud800", "\udfff", "\udc00\ud800", "$share/\ud800/a", "$share/g/\ud800"])
      expectRefused(() => client.subscribe([{ filter: "a", handler }, { filter }]), "ERR_TOPIC_FILTER");
    expectRefused(() => new TopicFilter("\udfff"), "ERR_TOPIC_FILTER");
    broker.expectNothing();
    broker.send(publish({ topic: "a" }));
    expect(events).toEqual(["message a: "]);
  });

  it("MQTT-3.8.3-2: refuses to subscribe to no filter at all, connected or not", () => {
    const { broker, client } = start();
    expectRefused(() => client.subscribe([]), "ERR_ARGUMENT", "filter");
    broker.acceptConnection();
    expectRefused(() => client.subscribe([]), "ERR_ARGUMENT", "filter");
    expectRefused(() => client.subscribe([], undefined, identified(1)), "ERR_ARGUMENT", "filter");
    broker.expectNothing();
  });

  it("MQTT-3.8.3-2: one SUBSCRIBE holds as many filters as are given, each with its options", () => {
    const { broker, client } = connect();
    client.subscribe([{ filter: "a" }, { filter: "b/+", qos: 1, noLocal: true }, { filter: "#", qos: 2, retainHandling: 2 }]);
    broker.expectBytes(subscribePacket(1, [], ["a", 0], ["b/+", 0x05], ["#", 0x22]));
    broker.expectNothing();
  });

  it("MQTT-3.8.3-2: the example of the standard, byte by byte", () => {
    const { broker, client } = connect();
    for (let identifier = 1; identifier < 10; identifier++) {
      client.subscribe({ filter: "a" });
      broker.expect("SUBSCRIBE", { identifier });
      broker.send(suback(identifier, 0));
    }
    client.subscribe([{ filter: "a/b", qos: 1 }, { filter: "c/d", qos: 2 }]);
    broker.expectBytes("82 0f 00 0a 00 00 03 61 2f 62 01 00 03 63 2f 64 02");
    broker.expectNothing();
  });
});

describe("3.8.3.1 Subscription Options", () => {
  it("MQTT-3.8.3-5: bits 6 and 7 are 0 with all others in every combination, which are those that were asked for", () => {
    for (const qos of [0, 1, 2] as const)
      for (const noLocal of [false, true])
        for (const retainAsPublished of [false, true])
          for (const retainHandling of [0, 1, 2] as const) {
            const { broker, client } = connect();
            client.subscribe({ filter: "a", qos, noLocal, retainAsPublished, retainHandling });
            const options = qos + (noLocal ? 4 : 0) + (retainAsPublished ? 8 : 0) + 16 * retainHandling;
            broker.expectBytes(subscribePacket(1, [], ["a", options]));
            broker.expectNothing();
          }
  });

  it("MQTT-3.8.3-5: all are 0 where nothing is asked for, or what is asked for is undefined", () => {
    const { broker, client } = connect();
    client.subscribe({ filter: "a" });
    broker.expectBytes(subscribePacket(1, [], ["a", 0]));
    // Callers without types have `undefined` where they have nothing.
    const nothing = { filter: "a", qos: undefined, noLocal: undefined, retainAsPublished: undefined, retainHandling: undefined };
    client.subscribe(nothing as unknown as Subscription);
    broker.expectBytes(subscribePacket(2, [], ["a", 0]));
    broker.expectNothing();
  });

  const WRONG: readonly (readonly [keyof Subscription, readonly unknown[]])[] = [
    ["qos", [3, -1, 0.5, NaN, 4, 128, 256, "1", true, null]],
    ["noLocal", [0, 1, 4, "true", null, {}]],
    ["retainAsPublished", [0, 1, 8, "true", null, {}]],
    ["retainHandling", [3, -1, 0.5, NaN, 4, 16, 256, "1", true, null]],
  ];
  for (const [name, values] of WRONG)
    for (const value of values)
      it(`3.8.3.1: refuses ${name} ${JSON.stringify(value)}, and keeps nothing of the whole call`, () => {
        const { broker, client, events } = connect();
        const handler = (): unknown => events.push("handler");
        const wrong = { filter: "b", [name]: value } as unknown as Subscription;
        expectRefused(() => client.subscribe([{ filter: "a", handler }, wrong]), "ERR_ARGUMENT", name);
        expectRefused(() => client.subscribe([wrong, { filter: "a", handler }]), "ERR_ARGUMENT", name);
        broker.expectNothing();
        broker.send(publish({ topic: "a" }));
        expect(events).toEqual(["message a: "]);
      });

  it("MQTT-3.8.3-4: refuses No Local with a shared subscription, alone and among others, as text and prepared", () => {
    const { broker, client } = connect();
    for (const filter of ["$share/g/a", "$share/g//", "$share/g/#", new TopicFilter("$share/g/a")]) {
      expectRefused(() => client.subscribe({ filter, noLocal: true }), "ERR_ARGUMENT", "noLocal");
      expectRefused(
        () =>
          client.subscribe([
            { filter: "a", noLocal: true },
            { filter, noLocal: true },
          ]),
        "ERR_ARGUMENT",
        "noLocal",
      );
    }
    broker.expectNothing();
    client.subscribe([{ filter: "$share/g/a", noLocal: false, qos: 2, retainAsPublished: true }, { filter: "a", noLocal: true }]);
    broker.expectBytes(subscribePacket(1, [], ["$share/g/a", 0x0a], ["a", 0x04]));
    broker.expectNothing();
  });

  it("MQTT-3.8.3-4: No Local is all right where a filter only looks shared", () => {
    const { broker, client } = connect();
    for (const [at, filter] of ["$share", "$shares/g/a", "$SHARE/g/a", "/$share/g/a", "a/$share/g"].entries()) {
      client.subscribe({ filter, noLocal: true });
      broker.expectBytes(subscribePacket(at + 1, [], [filter, 0x04]));
    }
    broker.expectNothing();
  });
});

describe("3.8.2.1 SUBSCRIBE Properties", () => {
  for (const identifier of [1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455])
    it(`3.8.2.1.2: Subscription Identifier ${identifier} is sent in as few bytes as it takes`, () => {
      const { broker, client } = connect();
      client.subscribe({ filter: "a" }, undefined, identified(identifier));
      broker.expectBytes(subscribePacket(1, [["subscriptionIdentifier", identifier]], ["a", 0]));
      broker.expectNothing();
    });

  for (const identifier of [0, -1, 268_435_456, 0x1_0000_0000, 1.5, NaN, Infinity, "7", null, true])
    it(`3.8.2.1.2: Subscription Identifier ${JSON.stringify(identifier)} is refused`, () => {
      expectRefused(
        () => new Properties({ subscriptionIdentifier: identifier } as unknown as GivenProperties),
        "ERR_ARGUMENT",
        "subscriptionIdentifier",
      );
    });

  it("3.8.2.1.3: User Properties keep their order and may repeat a name, beside an identifier too", () => {
    const { broker, client } = connect();
    client.subscribe({ filter: "a" }, undefined, new Properties({ userProperties: [["b", "1"], ["a", ""], ["b", "é"]] }));
    broker.expectBytes(
      subscribePacket(1, [["userProperty", ["b", "1"]], ["userProperty", ["a", ""]], ["userProperty", ["b", "é"]]], ["a", 0]),
    );
    client.subscribe(
      { filter: "a" },
      undefined,
      new Properties({ userProperties: { b: ["1", "2"] }, subscriptionIdentifier: 9 }),
    );
    broker.expect("SUBSCRIBE", { properties: { subscriptionIdentifier: 9, userProperties: [["b", "1"], ["b", "2"]] } });
    broker.expectNothing();
  });

  it("3.8.2.1: properties of 127 and of 128 bytes, where their length takes another byte", () => {
    for (const size of [127, 128]) {
      const { broker, client } = connect();
      const value = "x".repeat(size - 5);
      client.subscribe({ filter: "a" }, undefined, new Properties({ userProperties: { "": value } }));
      broker.expectBytes(subscribePacket(1, [["userProperty", ["", value]]], ["a", 0]));
      broker.expectNothing();
    }
  });

  it("3.8.2.1: no properties at all are a Property Length of 0", () => {
    const { broker, client } = connect();
    client.subscribe({ filter: "a" }, undefined, new Properties({}));
    broker.expectBytes("82 07 00 01 00 00 01 61 00");
    broker.expectNothing();
  });

  const MISPLACED: readonly GivenProperties[] = [
    { payloadFormatIndicator: true },
    { messageExpiryInterval: 1 },
    { contentType: "a" },
    { responseTopic: "a" },
    { correlationData: Uint8Array.of(1) },
    { sessionExpiryInterval: 1 },
    { willDelayInterval: 1 },
    { reasonString: "a" },
    { subscriptionIdentifier: 7, contentType: "a" },
    { userProperties: { a: "b" }, reasonString: "a" },
  ];
  for (const given of MISPLACED)
    it(`3.8.2.1: ${Object.keys(given).join(" and ")} do not belong there: the call has no effect`, () => {
      const { broker, client, events } = connect();
      expectRefused(
        () => client.subscribe({ filter: "a", handler: () => events.push("handler") }, undefined, new Properties(given)),
        "ERR_ARGUMENT",
        "properties",
      );
      broker.expectNothing();
      broker.send(publish({ topic: "a" }));
      expect(events).toEqual(["message a: "]);
    });
});

describe("3.8.4 SUBSCRIBE Actions: the answer", () => {
  it("MQTT-3.8.4-2: the SUBACK with its identifier completes a SUBSCRIBE, once", () => {
    const codes: number[][] = [];
    const { broker, client } = connect();
    const identifier = client.subscribe({ filter: "a", qos: 2 }, (granted) => codes.push([...granted]));
    broker.expect("SUBSCRIBE", { identifier });
    broker.send(suback(identifier + 1, 2));
    broker.send(suback(0xffff, [0, 1]));
    expect(codes).toEqual([]);
    broker.sendByteByByte(suback(identifier, 2));
    expect(codes).toEqual([[2]]);
    broker.send(suback(identifier, 0x80));
    expect(codes).toEqual([[2]]);
    broker.expectNothing();
    broker.expectOpen();
  });

  it("MQTT-3.8.4-2: of several SUBSCRIBEs under way each is completed by its own, in any order", () => {
    const codes: string[] = [];
    const { broker, client } = connect();
    for (const filter of ["a", "b", "c"]) client.subscribe({ filter }, (granted) => codes.push(`${filter} ${granted.join()}`));
    broker.sendTogether(suback(3, 2), suback(1, 0), suback(2, 1));
    expect(codes).toEqual(["c 2", "a 0", "b 1"]);
  });

  it("MQTT-3.8.4-2: a SUBACK for a request that has not been sent yet completes nothing", () => {
    let done = 0;
    const { broker, client } = connect();
    broker.transport.room = 0;
    client.publish("t", "");
    client.subscribe({ filter: "a" }, () => done++);
    broker.send(suback(1, 0));
    expect(done).toBe(0);
    broker.transport.makeRoom(1_000);
    broker.expect("PUBLISH");
    broker.expect("SUBSCRIBE", { identifier: 1 });
    broker.send(suback(1, 0));
    expect(done).toBe(1);
  });

  it("MQTT-3.8.4-2: acknowledgements of messages do not complete it, whatever their identifier", () => {
    let done = 0;
    const { broker, client } = connect();
    client.subscribe({ filter: "a" }, () => done++);
    broker.expect("SUBSCRIBE", { identifier: 1 });
    broker.send(puback(1));
    broker.send(pubrec(1, 0x80));
    expect(done).toBe(0);
    broker.send(suback(1, 0));
    expect(done).toBe(1);
    broker.expectNothing();
  });

  it("3.8.4: a message may come before the SUBACK, and finds its handler", () => {
    const { broker, client, events } = connect();
    client.subscribe({ filter: "a", qos: 1, handler: ({ topic }) => events.push(`handler ${topic}`) });
    broker.expect("SUBSCRIBE");
    broker.send(publish({ topic: "a", qos: 1, identifier: 3 }));
    broker.expectBytes(puback(3));
    expect(events).toEqual(["handler a"]);
  });

  it("3.8.4: subscribing to an equal filter again replaces the subscription with its handler, options and identifier", () => {
    const fixture = connect();
    const { broker, client, events } = fixture;
    client.subscribe({ filter: "a", noLocal: true, handler: () => events.push("old") }, undefined, identified(1));
    client.subscribe({ filter: "a", qos: 1, handler: () => events.push("new") }, undefined, identified(2));
    broker.expect("SUBSCRIBE", { subscriptions: [{ qos: 0, noLocal: true }] });
    broker.expect("SUBSCRIBE", { subscriptions: [{ qos: 1, noLocal: false }] });
    broker.sendTogether(suback(1, 0), suback(2, 1), publish({ topic: "a", properties: [["subscriptionIdentifier", 2]] }));
    expect(events).toEqual(["new"]);
    reconnect(fixture);
    broker.expectBytes(subscribePacket(3, [["subscriptionIdentifier", 2]], ["a", 1]));
    broker.expectNothing();
  });
});

describe("3.8.4 SUBSCRIBE Actions: after a reconnect", () => {
  const subscribed = (): Fixture => {
    const fixture = connect(PERSISTENT);
    const { broker, client } = fixture;
    client.subscribe([{ filter: "a", qos: 2, noLocal: true, retainHandling: 1 }, { filter: "b/+", retainAsPublished: true }]);
    client.subscribe({ filter: "c", qos: 1, retainHandling: 2 }, undefined, identified(0xfffffff));
    client.subscribe(
      { filter: "$share/g/#" },
      undefined,
      new Properties({ subscriptionIdentifier: 5, userProperties: { u: "v" } }),
    );
    broker.transport.takeSent();
    broker.sendTogether(suback(1, [2, 0]), suback(2, 1), suback(3, 0));
    return fixture;
  };

  it("3.8.4: without a session all is asked for again with its options, identifier and User Properties", () => {
    const fixture = subscribed();
    const { broker, events } = fixture;
    reconnect(fixture, { sessionPresent: false });
    broker.expectBytes(subscribePacket(4, [], ["a", 0x16]));
    broker.expectBytes(subscribePacket(5, [], ["b/+", 0x08]));
    broker.expectBytes(subscribePacket(6, [["subscriptionIdentifier", 0xfffffff]], ["c", 0x21]));
    broker.expectBytes(subscribePacket(7, [["subscriptionIdentifier", 5], ["userProperty", ["u", "v"]]], ["$share/g/#", 0]));
    broker.expectNothing();
    broker.sendTogether(suback(4, 2), suback(5, 0), suback(6, 1), suback(7, 0));
    expect(events).toEqual(["disconnected ERR_CONNECTION_CLOSED", "connected", "reconnected"]);
  });

  it("3.8.4: with the session nothing is asked for again", () => {
    const fixture = subscribed();
    reconnect(fixture, { sessionPresent: true });
    fixture.broker.expectNothing();
  });

  it("3.8.4: the handlers of restored subscriptions are found by identifier and by filter", () => {
    const fixture = connect();
    const { broker, client, events } = fixture;
    client.subscribe({ filter: "a/#", handler: () => events.push("identified") }, undefined, identified(6));
    client.subscribe({ filter: "b", handler: () => events.push("plain") });
    broker.sendTogether(suback(1, 0), suback(2, 0));
    reconnect(fixture);
    events.length = 0;
    broker.sendTogether(publish({ topic: "other", properties: [["subscriptionIdentifier", 6]] }), publish({ topic: "b" }));
    expect(events).toEqual(["identified", "plain"]);
  });
});

describe("the size of a SUBSCRIBE", () => {
  it("refuses what does not fit the buffer, connected or not, and would block where no more filters are allowed", () => {
    const { broker, client } = start({ packetSize: 48, subscriptions: 2 });
    const large: Subscription = { filter: "a".repeat(60) };
    const properties = new Properties({ userProperties: { a: "b".repeat(60) } });
    const refuse = (): void => {
      expectRefused(() => client.subscribe(large), "ERR_PACKET_SIZE");
      expectRefused(() => client.subscribe({ filter: "a" }, undefined, properties), "ERR_PACKET_SIZE");
      expect(client.subscribe([{ filter: "a" }, { filter: "b" }, { filter: "c" }])).toBe(WOULD_BLOCK);
    };
    refuse();
    broker.acceptConnection();
    refuse();
    broker.expectNothing();
    client.subscribe([{ filter: "a" }, { filter: "b" }]);
    broker.expect("SUBSCRIBE");
    expect(client.subscribe({ filter: "c" })).toBe(WOULD_BLOCK);
    broker.expectNothing();
  });

  it("no SUBSCRIBE is larger than the server's Maximum Packet Size, by filters or by properties: the call is refused", () => {
    for (let maximum = 30; maximum <= 60; maximum++) {
      const { broker, client } = connect({}, {}, { properties: [["maximumPacketSize", maximum]] });
      for (let length = 1; length <= 70; length++) {
        const subscribe = [
          (): number => client.subscribe({ filter: "a".repeat(length) }),
          (): number =>
            client.subscribe({ filter: "a" }, undefined, new Properties({ userProperties: { "": "b".repeat(length) } })),
        ];
        for (const act of subscribe) {
          if (length > maximum) expectRefused(act, "ERR_PACKET_SIZE");
          else if (length < maximum - 24) expect(act()).toBeGreaterThan(0);
          else continue;
          const sent = broker.takePackets();
          expect(sent).toHaveLength(length > maximum ? 0 : 1);
          for (const { bytes } of sent) {
            expect(bytes.length).toBeLessThanOrEqual(maximum);
            broker.send(suback(bytes[2] * 256 + bytes[3], 0x80));
          }
        }
      }
    }
  });

  it("near that size too: what is sent fits, and what is refused leaves nothing behind", () => {
    const maximum = 40;
    const { broker, client } = connect({ subscriptions: 100 }, {}, { properties: [["maximumPacketSize", maximum]] });
    for (let length = 1; length <= 60; length++) {
      try {
        client.subscribe({ filter: "a".repeat(length) });
      } catch (error) {
        expect(error).toMatchObject({ code: "ERR_PACKET_SIZE" });
        broker.expectNothing();
        continue;
      }
      expect(broker.expect("SUBSCRIBE").bytes.length).toBeLessThanOrEqual(maximum);
    }
  });

  it("asked for before that was known, it is answered 0x95 at CONNACK and not sent; others are sent", () => {
    const answers: string[] = [];
    const { broker, client } = start();
    client.subscribe([{ filter: "a".repeat(60) }, { filter: "b" }], (codes) => answers.push(`large ${codes.join()}`));
    client.subscribe({ filter: "c" }, (codes) => answers.push(`small ${codes.join()}`));
    broker.acceptConnection({ properties: [["maximumPacketSize", 50]] });
    expect(answers).toEqual(["large 149,149"]);
    broker.expectBytes(subscribePacket(2, [], ["c", 0]));
    broker.expectNothing();
    broker.send(suback(2, 0));
    expect(answers).toEqual(["large 149,149", "small 0"]);
  });

  it("the largest SUBSCRIBE that the buffer is meant for is sent whole", () => {
    const { broker, client } = connect({ packetSize: 8_192 });
    const filter = "a".repeat(8_000);
    client.subscribe({ filter, qos: 1 });
    broker.expectBytes(subscribePacket(1, [], [filter, 1]));
    broker.expectNothing();
  });
});

describe("3.2.2.3.11 to 3.2.2.3.13: what the server has no support for", () => {
  const LACKS = [
    { property: "wildcardSubscriptionAvailable", code: 0xa2, filter: "a/+", list: {} },
    { property: "wildcardSubscriptionAvailable", code: 0xa2, filter: "#", list: {} },
    { property: "sharedSubscriptionAvailable", code: 0x9e, filter: "$share/g/a", list: {} },
    { property: "subscriptionIdentifiersAvailable", code: 0xa1, filter: "a", list: { subscriptionIdentifier: 1 } },
  ] as const;

  for (const { property, code, filter, list } of LACKS) {
    const lacking = { properties: [[property, 0]] } as const;

    it(`without ${property}, ${filter} is refused at the call when connected, alone and among others, with nothing kept`, () => {
      const { broker, client, events } = connect({}, {}, lacking);
      const properties = new Properties(list);
      const done = (): unknown => events.push("done");
      const handler = (): unknown => events.push("handler");
      const refusal = { name: "MqttError", code: "ERR_NOT_SUPPORTED", fault: "caller", reasonCode: code };
      const refused = expect.objectContaining(refusal) as Error;
      expect(() => client.subscribe({ filter, handler }, done, properties)).toThrow(refused);
      expect(() => client.subscribe([{ filter: "x", handler }, { filter, handler }], done, properties)).toThrow(refused);
      broker.expectNothing();
      broker.sendTogether(publish({ topic: "a/b" }), publish({ topic: "x" }));
      expect(events).toEqual(["message a/b: ", "message x: "]);
      expect(client.subscribe({ filter: "plain" })).toBeGreaterThan(0);
      broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: "plain" }] });
    });

    it(`without ${property}, ${filter} asked for before CONNACK is answered by its code there, and never sent`, () => {
      const answers: string[] = [];
      const fixture = start();
      const { broker, client } = fixture;
      client.subscribe(
        { filter, handler: () => answers.push("handler") },
        (codes) => answers.push(codes.join()),
        new Properties(list),
      );
      client.subscribe({ filter: "plain" }, (codes) => answers.push(`plain ${codes.join()}`));
      broker.acceptConnection(lacking);
      expect(answers).toEqual([String(code)]);
      broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: "plain" }] });
      broker.expectNothing();
      broker.sendTogether(publish({ topic: "a/b" }), publish({ topic: "a" }), suback(2, 0), suback(1, 0));
      expect(answers).toEqual([String(code), "plain 0"]);
      reconnect(fixture, lacking);
      broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: "plain" }] });
      broker.expectNothing();
    });

    it(`without ${property}, onError gets the refusal of ${filter} when nobody else is there for it`, () => {
      const refusals: unknown[] = [];
      const { broker, client } = start({ onError: ({ code: name, reasonCode }) => refusals.push([name, reasonCode]) });
      client.subscribe({ filter }, undefined, new Properties(list));
      broker.acceptConnection(lacking);
      expect(refusals).toEqual([["ERR_SUBSCRIPTION_REFUSED", code]]);
      broker.expectNothing();
    });

    it(`a server that has lost ${property} since does not get ${filter} again when its session is gone`, () => {
      const fixture = connect();
      const { broker, client, events } = fixture;
      client.subscribe({ filter }, undefined, new Properties(list));
      client.subscribe({ filter: "plain" });
      broker.transport.takeSent();
      broker.sendTogether(suback(1, 0), suback(2, 0));
      reconnect(fixture, lacking);
      expect(events.slice(1)).toEqual(["error ERR_SUBSCRIPTION_REFUSED", "connected", "reconnected"]);
      broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: "plain" }] });
      broker.expectNothing();
    });

    it(`where ${property} is 1, ${filter} is sent`, () => {
      const { broker, client } = connect({}, {}, { properties: [[property, 1]] });
      client.subscribe({ filter }, undefined, new Properties(list));
      broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: filter }] });
      broker.expectNothing();
    });
  }

  it("each CONNACK counts for its own connection only", () => {
    const fixture = connect({}, {}, { properties: [["wildcardSubscriptionAvailable", 0]] });
    const { broker, client } = fixture;
    expectRefused(() => client.subscribe({ filter: "#" }), "ERR_NOT_SUPPORTED");
    reconnect(fixture);
    client.subscribe({ filter: "#" });
    broker.expect("SUBSCRIBE");
    broker.expectNothing();
  });

  it("what was refused at the call, while there is no connection, waits for the next CONNACK to decide", () => {
    const answers: string[] = [];
    const fixture = connect({}, {}, { properties: [["wildcardSubscriptionAvailable", 0]] });
    const { broker, client } = fixture;
    broker.drop();
    client.subscribe({ filter: "#" }, (codes) => answers.push(codes.join()));
    expect(answers).toEqual([]);
    reconnect(fixture);
    broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: "#" }] });
    broker.expectNothing();
    expect(answers).toEqual([]);
  });

  const NO_WILDCARDS = { properties: [["wildcardSubscriptionAvailable", 0]] } as const;

  it("a callback that subscribes in the midst has its SUBSCRIBE sent, behind CONNACK and once", () => {
    const { broker, client, events } = start();
    client.subscribe({ filter: "#" }, () => client.subscribe({ filter: "instead" }, () => events.push("instead")));
    client.subscribe({ filter: "later" });
    client.subscribe({ filter: "+" }, () => events.push("+"));
    broker.acceptConnection(NO_WILDCARDS);
    expect(events).toEqual(["+", "connected"]);
    const filters = broker
      .takePackets()
      .map((sent) => (sent.type === "SUBSCRIBE" ? sent.subscriptions[0].topicFilter : sent.type));
    expect(filters.toSorted()).toEqual(["instead", "later"]);
    broker.sendTogether(suback(4, 0));
    expect(events).toEqual(["+", "connected", "instead"]);
    broker.expectOpen();
  });

  it("a callback that subscribes to what is refused in the midst gets that refusal as an exception", () => {
    const { broker, client, events } = start();
    client.subscribe({ filter: "#" }, () => {
      expectRefused(() => client.subscribe({ filter: "+" }), "ERR_NOT_SUPPORTED");
      events.push("refused");
    });
    broker.acceptConnection(NO_WILDCARDS);
    expect(events).toEqual(["refused", "connected"]);
    broker.expectNothing();
  });

  for (const qos of [0, 1, 2] as const)
    it(`a callback that publishes with QoS ${qos} in the midst has its message sent once`, () => {
      const { broker, client, events } = start();
      client.subscribe({ filter: "#" }, () => client.publish("t", "x", qos));
      broker.acceptConnection(NO_WILDCARDS);
      broker.expect("PUBLISH", { topic: "t", payload: "x", qos, dup: false });
      broker.expectNothing();
      expect(events).toEqual(["connected"]);
    });

  it("a callback that closes in the midst has nothing but DISCONNECT sent, and is the end of it", () => {
    const { broker, client, events } = start();
    client.subscribe({ filter: "plain" });
    client.subscribe({ filter: "#" }, () => client.close());
    client.subscribe({ filter: "+" });
    client.publish("t", "", 1);
    broker.acceptConnection(NO_WILDCARDS);
    const sent = broker.takePackets().map(({ type }) => type);
    expect(sent.at(-1)).toBe("DISCONNECT");
    expect(sent.filter((type) => type === "DISCONNECT")).toHaveLength(1);
    broker.expectClosed();
    broker.advance(3_600_000);
    broker.expectClosed();
    expect(events.filter((event) => !event.startsWith("error"))).toEqual(["disconnected"]);
    expect(broker.transport.opens).toBe(1);
  });

  it("a callback that unsubscribes in the midst from what is not sent yet leaves a session without it", () => {
    const fixture = start();
    const { broker, client } = fixture;
    client.subscribe({ filter: "#" }, () => client.unsubscribe("later"));
    client.subscribe({ filter: "later" });
    broker.acceptConnection(NO_WILDCARDS);
    broker.expect("SUBSCRIBE", { identifier: 2 });
    broker.expect("UNSUBSCRIBE", { identifier: 3 });
    broker.sendTogether(suback(2, 0), hex("b0 04 00 03 00 00"));
    reconnect(fixture);
    broker.expectNothing();
  });

  it("a callback that throws keeps neither the connection from being told of nor other requests from being sent", () => {
    const { broker, client, events } = start();
    client.subscribe({ filter: "#" }, () => {
      throw new Error("of the application");
    });
    client.subscribe({ filter: "plain" });
    expect(() => broker.acceptConnection(NO_WILDCARDS)).toThrow("of the application");
    broker.advance(100);
    expect(events).toEqual(["connected"]);
    broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: "plain" }] });
    broker.expectNothing();
  });
});

describe("3.8.3.1: qualities of service as numbers that are none", () => {
  it("accepts no QoS by another name", () => {
    const { client } = connect();
    for (const qos of ["0", "2", [1], Object(1)] as unknown as QoS[])
      expectRefused(() => client.subscribe({ filter: "a", qos }), "ERR_ARGUMENT", "qos");
  });
});
