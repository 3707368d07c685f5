import { describe, expect, it } from "vitest";
import { TopicFilter } from "mqtt-xs";
import { Properties, type Message } from "mqtt-xs/v5";
import { puback, publish, suback, unsuback, type Property } from "../../support/v5/packets.js";
import { connect, expectRefused, reconnect, type Fixture } from "./support.js";

/** A filter, with the identifier that it is subscribed to with, or none. */
type Subscribed = readonly [filter: string, subscriptionIdentifier?: number];

/** Subscribes to each filter by itself, with a handler that tells the filter, and has the broker accept. */
function subscribed(...list: readonly Subscribed[]): Fixture {
  const fixture = connect({ subscriptions: 50 });
  const { broker, client, events } = fixture;
  for (const [filter, subscriptionIdentifier] of list) {
    const properties = subscriptionIdentifier === undefined ? undefined : new Properties({ subscriptionIdentifier });
    const identifier = client.subscribe({ filter, handler: () => events.push(filter) }, undefined, properties);
    broker.expect("SUBSCRIBE", { identifier, properties: { subscriptionIdentifier } });
    broker.send(suback(identifier, 0));
  }
  return fixture;
}

/** What is called for a message with this topic and these identifiers. */
function called({ broker, events }: Fixture, topic: string, ...identifiers: readonly number[]): string[] {
  events.length = 0;
  broker.send(publish({ topic, properties: identifiers.map((identifier): Property => ["subscriptionIdentifier", identifier]) }));
  return [...events];
}

describe("4.8.1 Nonshared Subscriptions: overlapping filters", () => {
  it("without identifiers each handler whose filter matches is called, in order; one acknowledgement is sent", () => {
    const fixture = subscribed(["#"], ["a/b"], ["b"], ["a/+"], ["a/#"]);
    const { broker, events } = fixture;
    broker.send(publish({ topic: "a/b", qos: 1, identifier: 3 }));
    expect(events).toEqual(["#", "a/b", "a/+", "a/#"]);
    broker.expectBytes(puback(3));
    broker.expectNothing();
  });

  it("3.3.4: separate copies, each with its identifier, each go to that handler only", () => {
    const fixture = subscribed(["#", 1], ["a/b", 2], ["a/+", 3]);
    expect(called(fixture, "a/b", 1)).toEqual(["#"]);
    expect(called(fixture, "a/b", 2)).toEqual(["a/b"]);
    expect(called(fixture, "a/b", 3)).toEqual(["a/+"]);
  });

  it("3.3.4: one copy with all identifiers goes to each handler once, in whatever order they come", () => {
    const fixture = subscribed(["#", 1], ["a/b", 2], ["a/+", 3]);
    expect(called(fixture, "a/b", 3, 1, 2)).toEqual(["#", "a/b", "a/+"]);
    expect(called(fixture, "a/b", 2, 3)).toEqual(["a/b", "a/+"]);
    expect(called(fixture, "c", 1)).toEqual(["#"]);
  });

  it("3.3.4: the same identifier several times is for each of its subscriptions once", () => {
    const fixture = subscribed(["#", 7], ["a/b", 7], ["c", 8]);
    expect(called(fixture, "a/b", 7, 7)).toEqual(["#", "a/b"]);
  });

  it("3.8.2.1.2: filters of one SUBSCRIBE share its identifier", () => {
    const { broker, client, events } = connect();
    const properties = new Properties({ subscriptionIdentifier: 9 });
    const handler = (name: string) => (): unknown => events.push(name);
    client.subscribe([{ filter: "a", handler: handler("a") }, { filter: "b", handler: handler("b") }], undefined, properties);
    broker.send(suback(1, [0, 0]));
    broker.send(publish({ topic: "a", properties: [["subscriptionIdentifier", 9]] }));
    expect(events).toEqual(["a", "b"]); // the identifier is for both: the server says no more
  });

  it("3.8.4: a message without identifiers, as of a server that has none to send, is routed by the filters", () => {
    const fixture = subscribed(["#", 1], ["a/b", 2], ["b", 3]);
    expect(called(fixture, "a/b")).toEqual(["#", "a/b"]);
    expect(called(fixture, "b")).toEqual(["#", "b"]);
  });

  it("an identifier routes whatever the topic is: it is the server that matches", () => {
    const fixture = subscribed(["a", 1], ["b", 2]);
    expect(called(fixture, "b", 1)).toEqual(["a"]);
    expect(called(fixture, "somewhere/else", 2, 1)).toEqual(["a", "b"]);
  });

  it("identifiers of nobody: no handler, but onMessage, and it is no error", () => {
    const fixture = subscribed(["#", 1], ["a", 300]);
    expect(called(fixture, "a", 2)).toEqual(["message a: "]);
    expect(called(fixture, "a", 0xfffffff, 299, 301)).toEqual(["message a: "]);
    expect(called(fixture, "a", 2, 300)).toEqual(["a"]);
    fixture.broker.expectOpen();
  });

  it("identifiers of every length are told apart", () => {
    const all = [1, 127, 128, 255, 256, 16_383, 16_384, 2_097_151, 2_097_152, 0xfffffff];
    const fixture = subscribed(...all.map((identifier) => [`filter/${identifier}`, identifier] as const));
    for (const identifier of all) expect(called(fixture, "t", identifier)).toEqual([`filter/${identifier}`]);
    expect(called(fixture, "t", ...all.toReversed())).toEqual(all.map((identifier) => `filter/${identifier}`));
  });

  it("identifiers are found among other properties, before and behind them", () => {
    const { broker, events } = subscribed(["a", 1], ["b", 2]);
    const around: Property[] = [
      ["userProperty", ["\u000b", "\u0001"]],
      ["subscriptionIdentifier", 2],
      ["correlationData", Uint8Array.of(0x0b, 1)],
      ["contentType", "\u000b\u0001"],
    ];
    broker.sendByteByByte(publish({ topic: "t", payload: Uint8Array.of(0x0b, 1), properties: around }));
    expect(events).toEqual(["b"]);
  });

  it("every piece of a large message goes to the same handlers", () => {
    const offsets: string[] = [];
    const { broker, client } = connect({ packetSize: 64 });
    const handler = (name: string) => ({ offset, properties }: Message): unknown =>
      offsets.push(`${name} ${offset} ${properties.get("subscriptionIdentifier")}`);
    client.subscribe({ filter: "#", handler: handler("#") }, undefined, new Properties({ subscriptionIdentifier: 1 }));
    client.subscribe({ filter: "a", handler: handler("a") }, undefined, new Properties({ subscriptionIdentifier: 2 }));
    broker.sendTogether(suback(1, 0), suback(2, 0));
    broker.send(publish({ topic: "a", payload: new Uint8Array(150), properties: [["subscriptionIdentifier", 2]] }));
    expect(offsets.length).toBeGreaterThan(2);
    expect(offsets.every((offset) => /^a \d+ 2$/.test(offset))).toBe(true);
  });

  it("a handler that subscribes, unsubscribes or closes in the midst does not upset the routing of the message at hand", () => {
    const { broker, client, events } = connect();
    client.subscribe({
      filter: "#",
      handler: () => {
        events.push("first");
        client.subscribe({ filter: "a", handler: () => events.push("not yet") });
        client.unsubscribe("+");
      },
    });
    client.subscribe({ filter: "+", handler: () => events.push("second") });
    broker.sendTogether(suback(1, 0), suback(2, 0), publish({ topic: "a" }));
    expect(events).toEqual(["first", "second"]);
  });

  it("subscribing anew with another identifier, or without, has the new one count", () => {
    const fixture = subscribed(["a", 1], ["a", 2]);
    expect(called(fixture, "a", 2)).toEqual(["a"]);
    const without = subscribed(["a", 1], ["a"]);
    expect(called(without, "a")).toEqual(["a"]);
  });

  it("after an unsubscription its identifier is nobody's", () => {
    const fixture = subscribed(["a", 1], ["#", 2]);
    fixture.client.unsubscribe("a");
    fixture.broker.expect("UNSUBSCRIBE");
    fixture.broker.send(unsuback(3, 0));
    expect(called(fixture, "a", 1)).toEqual(["message a: "]);
    expect(called(fixture, "a", 1, 2)).toEqual(["#"]);
  });

  it("subscriptions restored after a reconnect without a session are routed in the same way", () => {
    const fixture = subscribed(["#", 1], ["a/b", 2], ["c"]);
    const { broker } = fixture;
    reconnect(fixture);
    for (const [topicFilter, subscriptionIdentifier] of [["#", 1], ["a/b", 2], ["c", undefined]] as const) {
      const { identifier } = broker.expect("SUBSCRIBE", {
        subscriptions: [{ topicFilter }],
        properties: { subscriptionIdentifier },
      });
      broker.send(suback(identifier, 0));
    }
    broker.expectNothing();
    expect(called(fixture, "a/b", 2)).toEqual(["a/b"]);
    expect(called(fixture, "a/b", 1)).toEqual(["#"]);
    expect(called(fixture, "c")).toEqual(["#", "c"]);
  });
});

describe("4.8.2 Shared Subscriptions", () => {
  for (const filter of [
    "$share/g/a",
    "$share/group name/a/b",
    "$share/g//",
    "$share/g//finance",
    "$share/g/#",
    "$share/g/+/b",
    "$share/é/$SYS/#",
    "$share/$share/$share/g/a",
  ])
    it(`MQTT-4.8.2-1: ${filter} is sent as it is, as text and prepared alike`, () => {
      const { broker, client } = connect();
      client.subscribe({ filter, qos: 2 });
      client.subscribe({ filter: new TopicFilter(filter), retainAsPublished: true });
      client.unsubscribe(filter);
      broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: filter, qos: 2, noLocal: false }] });
      broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: filter, qos: 0, retainAsPublished: true }] });
      broker.expect("UNSUBSCRIBE", { topicFilters: [filter] });
      broker.expectNothing();
    });

  const refused = (filter: string): void => {
    const { broker, client, events } = connect();
    const handler = (): unknown => events.push("handler");
    const filters = [filter, ...(isPlainFilter(filter) ? [new TopicFilter(filter)] : [])];
    for (const it of filters) {
      expectRefused(() => client.subscribe({ filter: it }), "ERR_TOPIC_FILTER");
      expectRefused(() => client.subscribe([{ filter: "a", handler }, { filter: it }]), "ERR_TOPIC_FILTER");
      expectRefused(() => client.unsubscribe(it), "ERR_TOPIC_FILTER");
      expectRefused(() => client.unsubscribe(["a", it]), "ERR_TOPIC_FILTER");
    }
    broker.expectNothing();
    broker.send(publish({ topic: "a" }));
    expect(events).toEqual(["message a: "]);
  };

  /** Whether 3.1.1, where `$share` means nothing, takes it. */
  const isPlainFilter = (filter: string): boolean => {
    try {
      return String(new TopicFilter(filter)) === filter;
    } catch {
      return false;
    }
  };

  for (const filter of ["$share//a", "$share//", "$share/", "$share//#", "$share///a"])
    it(`MQTT-4.8.2-1: ${filter} is refused, having no ShareName`, () => refused(filter));

  for (const filter of [
    "$share/g",
    "$share/g/",
    "$share/é",
    "$share/+/a",
    "$share/#",
    "$share/+",
    "$share/#/a",
    "$share/g+/a",
    "$share/+g/a",
    "$share/g#/a",
    "$share/#g/a",
    "$share/g+h/a",
  ])
    it(`MQTT-4.8.2-2: ${filter} is refused: a ShareName without "+" or "#" has to be followed by "/" and a filter`, () =>
      refused(filter));

  for (const filter of ["$share/g/a#", "$share/g/#/a", "$share/g/a+", "$share/g/++"])
    it(`MQTT-4.8.2-2: ${filter} is refused, what follows the ShareName being no filter`, () => refused(filter));

  it("4.8.2: $share without a slash, or in capitals, marks nothing, and is a filter like any other", () => {
    const fixture = subscribed(["$share"], ["$SHARE/g/a"], ["$shared/g/a"], ["a/$share/g/a"]);
    expect(called(fixture, "$share")).toEqual(["$share"]);
    expect(called(fixture, "$SHARE/g/a")).toEqual(["$SHARE/g/a"]);
    expect(called(fixture, "a")).toEqual(["message a: "]);
  });

  it("4.8.2: messages find their handler by the filter behind the ShareName, of which there may be several", () => {
    const fixture = subscribed(["$share/g/sport/tennis/+"], ["$share/h/sport/tennis/+"], ["$share/g//finance"], ["sport/#"]);
    expect(called(fixture, "sport/tennis/player1")).toEqual(["$share/g/sport/tennis/+", "$share/h/sport/tennis/+", "sport/#"]);
    expect(called(fixture, "/finance")).toEqual(["$share/g//finance"]);
    expect(called(fixture, "$share/g//finance")).toEqual(["message $share/g//finance: "]);
    expect(called(fixture, "g/sport/tennis/player1")).toEqual(["message g/sport/tennis/player1: "]);
  });

  it("4.8.2: with identifiers, copies of a shared and of a nonshared subscription to the same topics are told apart", () => {
    const fixture = subscribed(["$share/g/a", 1], ["a", 2]);
    expect(called(fixture, "a", 1)).toEqual(["$share/g/a"]);
    expect(called(fixture, "a", 2)).toEqual(["a"]);
  });

  it("4.8.2: a shared subscription does not replace the nonshared one to the same topics, nor that of another ShareName", () => {
    const fixture = subscribed(["a"], ["$share/g/a"], ["$share/h/a"]);
    expect(called(fixture, "a")).toEqual(["a", "$share/g/a", "$share/h/a"]);
  });

  it("4.8.2: subscribing to it a second time replaces it here, and is not restored twice", () => {
    const fixture = subscribed(["$share/g/a"], ["$share/g/a"]);
    expect(called(fixture, "a")).toEqual(["$share/g/a"]);
    reconnect(fixture);
    fixture.broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: "$share/g/a" }] });
    fixture.broker.expectNothing();
  });

  it("4.8.2: a wildcard behind the ShareName does not match topics that begin with $", () => {
    const fixture = subscribed(["$share/g/#"], ["$share/g/+/x"]);
    expect(called(fixture, "$SYS/x")).toEqual(["message $SYS/x: "]);
  });

  it("3.2.2.3.11: a wildcard behind the ShareName is a wildcard, and none in the ShareName's place", () => {
    const { client } = connect({}, {}, { properties: [["wildcardSubscriptionAvailable", 0]] });
    expectRefused(() => client.subscribe({ filter: "$share/g/#" }), "ERR_NOT_SUPPORTED");
    expect(client.subscribe({ filter: "$share/g/a" })).toBeGreaterThan(0);
  });
});
