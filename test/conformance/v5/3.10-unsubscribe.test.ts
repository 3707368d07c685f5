import { describe, expect, it } from "vitest";
import { TopicFilter } from "mqtt-xs";
import { Properties, type GivenProperties } from "mqtt-xs/v5";
import { puback, pubcomp, publish, pubrec, pubrel, suback, unsuback } from "../../support/v5/packets.js";
import { connect, expectRefused, PERSISTENT, reconnect, start, type Fixture } from "./support.js";

/** Subscribes to `a` and `b`, each with a handler that tells of it. */
function subscribed(): Fixture {
  const fixture = connect(PERSISTENT);
  const { broker, client, events } = fixture;
  client.subscribe(["a", "b"].map((filter) => ({ filter, qos: 2, handler: ({ topic }) => events.push(`handler ${topic}`) })));
  broker.expect("SUBSCRIBE", { identifier: 1 });
  broker.send(suback(1, [2, 2]));
  return fixture;
}

describe("3.10 UNSUBSCRIBE", () => {
  it("MQTT-3.10.1-1: UNSUBSCRIBE has flags 2, when it is sent again too", () => {
    const fixture = connect(PERSISTENT);
    const { broker, client } = fixture;
    client.unsubscribe("a");
    broker.expectBytes("a2 06 00 01 00 00 01 61");
    reconnect(fixture, { sessionPresent: true });
    broker.expectBytes("a2 06 00 01 00 00 01 61");
    broker.expectNothing();
  });

  it("MQTT-3.10.1-1: flags 2 with User Properties, which keep their order, as well", () => {
    const { broker, client } = connect();
    client.unsubscribe("a", undefined, new Properties({ userProperties: [["b", "1"], ["a", ""]] }));
    broker.expectBytes("a2 13 00 01 0d 26 00 01 62 00 01 31 26 00 01 61 00 00 00 01 61");
    broker.expectNothing();
  });

  it("MQTT-3.10.3-1: filters are UTF-8, one right after the other", () => {
    const { broker, client } = connect();
    client.unsubscribe(["é", new TopicFilter("+/b"), "#", "$share/g/a"]);
    broker.expectBytes("a2 1b 00 01 00 00 02 c3 a9 00 03 2b 2f 62 00 01 23 00 0a 24 73 68 61 72 65 2f 67 2f 61");
    broker.expectNothing();
  });

  it("MQTT-3.10.3-1: refuses a filter that UTF-8 cannot express, with all the others of the call", () => {
    const { broker, client } = connect();
    expectRefused(() => client.unsubscribe(["a", "\ud800"]), "ERR_TOPIC_FILTER");
    expectRefused(() => client.unsubscribe("$share/\udc00/a"), "ERR_TOPIC_FILTER");
    broker.expectNothing();
  });

  it("MQTT-3.10.3-2: refuses to unsubscribe from no filter at all, connected or not", () => {
    const { broker, client } = start();
    expectRefused(() => client.unsubscribe([]), "ERR_ARGUMENT", "filter");
    broker.acceptConnection();
    expectRefused(() => client.unsubscribe([]), "ERR_ARGUMENT", "filter");
    expectRefused(() => client.unsubscribe([], undefined, new Properties({})), "ERR_ARGUMENT", "filter");
    broker.expectNothing();
  });

  const MISPLACED: readonly GivenProperties[] = [
    { subscriptionIdentifier: 7 },
    { sessionExpiryInterval: 1 },
    { reasonString: "a" },
    { contentType: "a" },
    { willDelayInterval: 1 },
    { userProperties: { a: "b" }, subscriptionIdentifier: 7 },
  ];
  for (const given of MISPLACED)
    it(`3.10.2.1: ${Object.keys(given).join(" and ")} do not belong in UNSUBSCRIBE`, () => {
      const { broker, client, events } = subscribed();
      expectRefused(() => client.unsubscribe("a", undefined, new Properties(given)), "ERR_ARGUMENT", "properties");
      broker.expectNothing();
      broker.send(publish({ topic: "a" }));
      expect(events).toEqual(["handler a"]);
    });

  it("no UNSUBSCRIBE is larger than packetSize or the server's Maximum Packet Size: the call is refused", () => {
    const { broker, client } = connect({ packetSize: 64 }, {}, { properties: [["maximumPacketSize", 50]] });
    const large = new Properties({ userProperties: { a: "b".repeat(60) } });
    for (const length of [51, 60, 100]) expectRefused(() => client.unsubscribe("a".repeat(length)), "ERR_PACKET_SIZE");
    expectRefused(() => client.unsubscribe("a", undefined, large), "ERR_PACKET_SIZE");
    expectRefused(() => client.unsubscribe(Array.from({ length: 20 }, (_, at) => `a${at}`)), "ERR_PACKET_SIZE");
    broker.expectNothing();
    for (let length = 1; length <= 30; length++) {
      client.unsubscribe("a".repeat(length));
      broker.expect("UNSUBSCRIBE", { identifier: length });
      broker.send(unsuback(length, 0));
    }
    broker.expectNothing();
  });

  it("an UNSUBSCRIBE asked for before that was known is not sent when it is too large; the others are", () => {
    const { broker, client } = start();
    client.unsubscribe("a".repeat(60));
    client.unsubscribe("b");
    broker.acceptConnection({ properties: [["maximumPacketSize", 50]] });
    broker.expect("UNSUBSCRIBE", { topicFilters: ["b"] });
    broker.expectNothing();
    broker.expectOpen();
  });

  // A server without wildcard or shared subscriptions rejects SUBSCRIBE packets (3.2.2.3.11 to 3.2.2.3.13). An UNSUBSCRIBE is
  // legal all the same, "even where no Topic Subscriptions are deleted": it is how the client gets rid of what was restored.
  const LACKS = [
    ["wildcardSubscriptionAvailable", "a/+"],
    ["wildcardSubscriptionAvailable", "#"],
    ["sharedSubscriptionAvailable", "$share/g/a"],
  ] as const;
  for (const [property, filter] of LACKS) {
    it(`3.10: UNSUBSCRIBE from ${filter} is sent to a server without ${property}`, () => {
      const { broker, client, events } = connect({}, {}, { properties: [[property, 0]] });
      client.unsubscribe(filter, (codes) => events.push(`done ${codes.join()}`));
      broker.expect("UNSUBSCRIBE", { topicFilters: [filter] });
      broker.send(unsuback(1, 0x11));
      expect(events).toEqual(["done 17"]);
    });

    it(`3.10: and so when ${filter} was asked for before the CONNACK of a server without ${property}`, () => {
      const { broker, client, events } = start();
      client.unsubscribe(filter, (codes) => events.push(`done ${codes.join()}`));
      broker.acceptConnection({ properties: [[property, 0]] });
      broker.expect("UNSUBSCRIBE", { topicFilters: [filter] });
      broker.send(unsuback(1, 0x11));
      expect(events).toEqual(["connected", "done 17"]);
    });
  }
});

describe("3.10.4 UNSUBSCRIBE Actions", () => {
  it("MQTT-3.10.4-5: an UNSUBACK for what was never subscribed to completes as well", () => {
    for (const code of [0x00, 0x11]) {
      const done: string[] = [];
      const { broker, client } = connect();
      client.unsubscribe("never", (codes) => done.push(codes.join()));
      broker.send(unsuback(1, code));
      expect(done).toEqual([String(code)]);
      broker.expectOpen();
    }
  });

  it("MQTT-3.10.4-5: the UNSUBACK with its identifier completes an UNSUBSCRIBE, once", () => {
    let done = 0;
    const { broker, client } = subscribed();
    const identifier = client.unsubscribe("a", () => done++);
    broker.expect("UNSUBSCRIBE", { identifier: 2 });
    broker.send(unsuback(3, 0));
    broker.send(unsuback(0xffff, [0, 0]));
    expect(done).toBe(0);
    broker.sendByteByByte(unsuback(identifier, 0));
    expect(done).toBe(1);
    broker.send(unsuback(identifier, 0));
    expect(done).toBe(1);
    broker.expectNothing();
    broker.expectOpen();
  });

  it("MQTT-3.10.4-5: 0x11 ends the subscription here as well, and it is not restored", () => {
    const fixture = subscribed();
    const { broker, client, events } = fixture;
    client.unsubscribe("a");
    broker.expect("UNSUBSCRIBE");
    broker.sendTogether(unsuback(2, 0x11), publish({ topic: "a" }));
    expect(events).toEqual(["message a: "]);
    reconnect(fixture);
    broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: "b" }] });
    broker.expectNothing();
  });

  it("3.10.4: a SUBACK does not complete an UNSUBSCRIBE, nor an UNSUBACK a SUBSCRIBE", () => {
    const done: string[] = [];
    const { broker, client } = connect();
    client.subscribe({ filter: "a" }, () => done.push("subscribed"));
    client.unsubscribe("b", () => done.push("unsubscribed"));
    broker.sendTogether(unsuback(1, 0), suback(2, 0));
    expect(done).toEqual([]);
    broker.sendTogether(suback(1, 0), unsuback(2, 0));
    expect(done).toEqual(["subscribed", "unsubscribed"]);
  });

  it("3.10.4: only an exactly equal filter is unsubscribed from", () => {
    const { broker, client, events } = subscribed();
    client.unsubscribe(["+", "A", "a/", "$share/g/a"]);
    broker.expect("UNSUBSCRIBE", { identifier: 2 });
    broker.sendTogether(unsuback(2, [0x11, 0x11, 0x11, 0x11]), publish({ topic: "a" }));
    expect(events).toEqual(["handler a"]);
  });

  it("3.10.4: a shared subscription ends by its whole filter only, and leaves others to the same topics alone", () => {
    const fixture = connect();
    const { broker, client, events } = fixture;
    const filters = ["$share/g/a", "$share/h/a", "a"];
    client.subscribe(filters.map((filter) => ({ filter, handler: () => events.push(filter) })));
    broker.send(suback(1, [0, 0, 0]));
    client.unsubscribe("$share/g/a");
    broker.sendTogether(unsuback(2, 0), publish({ topic: "a" }));
    expect(events).toEqual(["$share/h/a", "a"]);
    client.unsubscribe("a");
    broker.sendTogether(unsuback(3, 0), publish({ topic: "a" }));
    expect(events.slice(2)).toEqual(["$share/h/a"]);
  });

  it("3.10.4: until the UNSUBACK the handler is called, from then on it is not", () => {
    const { broker, client, events } = subscribed();
    client.unsubscribe("a");
    broker.expect("UNSUBSCRIBE", { identifier: 2 });
    broker.send(publish({ topic: "a" }));
    expect(events).toEqual(["handler a"]);
    broker.sendTogether(unsuback(2, 0), publish({ topic: "a" }), publish({ topic: "b" }));
    expect(events.slice(1)).toEqual(["message a: ", "handler b"]);
  });

  it("3.10.4: what was under way is delivered and acknowledged to the end", () => {
    const { broker, client, events } = subscribed();
    client.unsubscribe(["a", "b"]);
    broker.expect("UNSUBSCRIBE", { identifier: 2 });
    broker.send(publish({ topic: "a", qos: 1, identifier: 8 }));
    broker.expectBytes(puback(8));
    broker.send(publish({ topic: "b", qos: 2, identifier: 9 }));
    broker.expectBytes(pubrec(9));
    broker.send(unsuback(2, [0, 0]));
    broker.send(pubrel(9));
    broker.expectBytes(pubcomp(9));
    expect(events).toEqual(["handler a", "handler b"]);
  });

  it("3.10.4: an unanswered UNSUBSCRIBE is sent again with its properties; what it ended is not restored once answered", () => {
    const fixture = subscribed();
    const { broker, client } = fixture;
    client.unsubscribe("a", undefined, new Properties({ userProperties: { u: "v" } }));
    const { bytes } = broker.expect("UNSUBSCRIBE", { identifier: 2, properties: { userProperties: [["u", "v"]] } });
    reconnect(fixture, { sessionPresent: true });
    broker.expectBytes(bytes);
    broker.send(unsuback(2, 0));
    reconnect(fixture, { sessionPresent: false });
    broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: "b", qos: 2 }] });
    broker.expectNothing();
  });

  it("3.10.4: subscribing anew while the UNSUBACK is awaited keeps the new subscription, with its identifier", () => {
    const { broker, client, events } = subscribed();
    client.unsubscribe("a");
    const properties = new Properties({ subscriptionIdentifier: 4 });
    client.subscribe({ filter: "a", handler: () => events.push("new") }, undefined, properties);
    broker.sendTogether(unsuback(2, 0), suback(3, 0), publish({ topic: "a", properties: [["subscriptionIdentifier", 4]] }));
    expect(events).toEqual(["new"]);
  });
});
