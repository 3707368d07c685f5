import { describe, expect, it } from "vitest";
import { Topic, TopicFilter } from "mqtt-xs";
import { publish, suback } from "../support/packets.js";
import { connect, expectClosedBy, expectRefused } from "./support.js";

/** Subscribes to the filter, lets a message come to the topic, and says whether the subscription's handler got it. */
function matches(filter: string, topic: string): boolean {
  let handled = false;
  const { broker, client } = connect();
  client.subscribe({ filter, handler: () => (handled = true) });
  broker.expect("SUBSCRIBE");
  broker.send(suback(1, 0));
  broker.send(publish({ topic, payload: "/" }));
  broker.expectOpen();
  return handled;
}

function expectFilterRefused(filter: string): void {
  const { broker, client } = connect();
  expectRefused(() => client.subscribe({ filter }), "ERR_TOPIC_FILTER");
  expectRefused(() => client.unsubscribe(filter), "ERR_TOPIC_FILTER");
  expectRefused(() => new TopicFilter(filter), "ERR_TOPIC_FILTER");
  broker.expectNothing();
}

function expectFilterAccepted(filter: string): void {
  const { broker, client } = connect();
  client.subscribe({ filter, qos: 1 });
  broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: filter, qos: 1 }] });
  client.unsubscribe(filter);
  broker.expect("UNSUBSCRIBE", { topicFilters: [filter] });
}

describe("4.7.1 Topic wildcards", () => {
  for (const topic of ["+", "#", "a/+", "+/a", "a/#", "a+b", "a#"])
    it(`MQTT-4.7.1-1: ${topic} is no Topic Name, to send, as Will, or received`, () => {
      expectRefused(() => connect().client.publish(topic, ""), "ERR_TOPIC");
      expectRefused(() => connect({ will: { topic } }), "ERR_TOPIC");
      expectClosedBy(publish({ topic }), "ERR_MALFORMED_PACKET");
      expectClosedBy(publish({ topic, qos: 1, identifier: 1 }), "ERR_MALFORMED_PACKET");
    });

  for (const filter of ["#", "/#", "a/#", "a/b/#", "+/#", "$SYS/#"])
    it(`MQTT-4.7.1-2: ${filter} is a filter`, () => expectFilterAccepted(filter));

  for (const filter of ["a#", "a/b#", "#/", "#/a", "a/#/b", "##", "a/##", "#+", "/#/", "+#", "é#"])
    it(`MQTT-4.7.1-2: ${filter} is refused, its # being misplaced`, () => expectFilterRefused(filter));

  for (const filter of ["+", "/+", "+/", "+/+", "a/+", "+/a", "a/+/b", "+/a/+", "+/+/#"])
    it(`MQTT-4.7.1-3: ${filter} is a filter`, () => expectFilterAccepted(filter));

  for (const filter of ["a+", "+a", "a/b+", "a/+b", "++", "a/++/b", "+a/b", "é+"])
    it(`MQTT-4.7.1-3: ${filter} is refused, its + not filling a level`, () => expectFilterRefused(filter));
});

describe("4.7 Matching", () => {
  const MATCHING: readonly (readonly [filter: string, topic: string])[] = [
    ["a/b", "a/b"],
    ["a/b/#", "a/b"],
    ["a/b/#", "a/b/c"],
    ["a/b/#", "a/b/c/d/e"],
    ["a/b/#", "a/b/"],
    ["#", "a"],
    ["#", "a/b/c"],
    ["#", "/"],
    ["/#", "/a"],
    ["/#", "/"],
    ["a/+", "a/b"],
    ["a/+", "a/"],
    ["a/+/c", "a/b/c"],
    ["a/+/c", "a//c"],
    ["+", "a"],
    ["+/+", "/a"],
    ["+/+", "a/"],
    ["/+", "/a"],
    ["+/b/#", "a/b"],
    ["+/b/#", "a/b/c/d"],
    ["+/#", "a"],
    ["a/+/#", "a/b"],
    ["é/+/😀", "é/€/😀"],
    ["a//b", "a//b"],
    [" a", " a"],
    ["a/$b", "a/$b"],
    ["a/+", "a/$b"],
    ["a/#", "a/$b"],
  ];
  for (const [filter, topic] of MATCHING) it(`${filter} matches ${topic}`, () => expect(matches(filter, topic)).toBe(true));

  const DIFFERENT: readonly (readonly [filter: string, topic: string])[] = [
    ["a/b", "a"],
    ["a", "a/b"],
    ["a/b", "a/bc"],
    ["a/bc", "a/b"],
    ["a/b/#", "a"],
    ["a/b/#", "a/bc"],
    ["a/b/#", "a/bc/d"],
    ["a/+", "a"],
    ["a/+", "a/b/c"],
    ["a/+", "b/c"],
    ["+", "a/b"],
    ["+", "/a"],
    ["+/+", "a"],
    ["+/+", "a/b/c"],
    ["/+", "a"],
    ["/#", "a"],
    ["+/b/#", "a/c"],
    ["a/+/c", "a/b/d"],
    ["a/+/c", "a/b"],
  ];
  for (const [filter, topic] of DIFFERENT)
    it(`${filter} does not match ${topic}`, () => expect(matches(filter, topic)).toBe(false));

  it("overlapping filters: each matching handler gets the message, in the order of the subscriptions; it is acknowledged once", () => {
    const { broker, client, events } = connect();
    const handler = (name: string) => (): unknown => events.push(name);
    client.subscribe(["#", "a/b", "b", "a/+", "a/#"].map((filter) => ({ filter, handler: handler(filter) })));
    broker.expect("SUBSCRIBE");
    broker.send(publish({ topic: "a/b", qos: 1, identifier: 3 }));
    expect(events).toEqual(["#", "a/b", "a/+", "a/#"]);
    broker.expectBytes("40 02 00 03");
    broker.expectNothing();
  });

  for (const filter of ["#", "+", "+/b", "+/#", "+/+", "/#"])
    it(`MQTT-4.7.2-1: ${filter} matches no topic that begins with $`, () => {
      for (const topic of ["$", "$a", "$SYS/b", "$SYS/b/c"]) expect(matches(filter, topic)).toBe(false);
    });

  it("MQTT-4.7.2-1: a filter that begins with $ itself does match such topics", () => {
    for (const filter of ["$SYS/b", "$SYS/+", "$SYS/#"]) expect(matches(filter, "$SYS/b")).toBe(true);
    expect(matches("$SYS/#", "$SYS")).toBe(true);
    expect(matches("$SYS/#", "$SYSx/b")).toBe(false);
  });

  const ALIKE: readonly (readonly [filter: string, topic: string])[] = [
    ["A", "a"],
    ["a", "a/"],
    ["/a", "a"],
    ["a//b", "a/b"],
    ["a", "a "],
    ["\u00e9", "e\u0301"],
    ["\u2126", "\u03a9"],
    ["a", "\uff41"],
  ];
  for (const [filter, topic] of ALIKE)
    it(`MQTT-4.7.3-4: ${JSON.stringify(filter)} and ${JSON.stringify(topic)} look alike and do not match`, () => {
      expect(matches(filter, topic)).toBe(false);
      expect(matches(topic, filter)).toBe(false);
      expect(matches(topic, topic)).toBe(true);
    });
});

describe("4.7.3 Topic semantic and usage", () => {
  it("MQTT-4.7.3-1: an empty topic or filter is refused", () => {
    const { broker, client } = connect();
    expectRefused(() => client.publish("", ""), "ERR_TOPIC");
    expectRefused(() => new Topic(""), "ERR_TOPIC");
    expectRefused(() => connect({ will: { topic: "" } }), "ERR_TOPIC");
    expectFilterRefused("");
    broker.expectNothing();
  });

  it("MQTT-4.7.3-1: closes on an empty Topic Name, with any QoS, with payload or without", () => {
    expectClosedBy("30 02 00 00", "ERR_MALFORMED_PACKET");
    for (const qos of [0, 1, 2] as const) expectClosedBy(publish({ topic: "", payload: "abc", qos }), "ERR_MALFORMED_PACKET");
  });

  it("MQTT-4.7.3-1: one character is enough, a slash or a space too", () => {
    for (const topic of ["/", " ", "a"]) {
      const { broker, client, events } = connect();
      client.publish(topic, "");
      broker.expect("PUBLISH", { topic });
      broker.send(publish({ topic }));
      expect(events).toEqual([`message ${topic}: `]);
      expectFilterAccepted(topic);
    }
  });

  it("MQTT-4.7.3-2: U+0000 is refused in topics and filters", () => {
    for (const text of ["\0", "a\0", "\0a", "a/\0/b"]) {
      expectRefused(() => connect().client.publish(text, ""), "ERR_TOPIC");
      expectRefused(() => new Topic(text), "ERR_TOPIC");
      expectFilterRefused(text);
    }
  });

  it("MQTT-4.7.3-2: closes on U+0000 in a Topic Name", () => {
    for (const topic of ["\0", "a/\0/b"]) expectClosedBy(publish({ topic, qos: 2 }), "ERR_MALFORMED_PACKET");
  });

  it("MQTT-4.7.3-3: topics and filters of 65,535 bytes are taken, longer ones refused, in bytes, not characters", () => {
    const options = { packetSize: 66_000 };
    for (const longest of ["a".repeat(65_535), "€".repeat(21_845)]) {
      const { broker, client } = connect(options, { writeLimit: 100_000 });
      client.publish(longest, "");
      broker.expect("PUBLISH", { topic: longest });
      client.subscribe({ filter: longest });
      broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: longest, qos: 0 }] });
      client.unsubscribe(longest);
      broker.expect("UNSUBSCRIBE", { topicFilters: [longest] });
      expectRefused(() => client.publish(`${longest}a`, ""), "ERR_TOPIC");
      expectRefused(() => client.subscribe({ filter: `${longest}a` }), "ERR_TOPIC_FILTER");
      expectRefused(() => client.unsubscribe(`${longest}a`), "ERR_TOPIC_FILTER");
      broker.expectNothing();
    }
  });

  it("MQTT-4.7.3-3: a received Topic Name of 65,535 bytes is a topic like any other", () => {
    const topic = "a/".repeat(32_767) + "b";
    const { broker, events } = connect({ packetSize: 66_000 }, { writeLimit: 100_000 });
    broker.send(publish({ topic, payload: "x" }));
    expect(events).toEqual([`message ${topic}: x`]);
  });
});
