import { describe, expect, it } from "vitest";
import { TopicFilter } from "mqtt-xs";
import { Properties, Topic } from "mqtt-xs/v5";
import { publish, suback } from "../../support/v5/packets.js";
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
  for (const shared of [filter, `$share/g/${filter}`]) {
    expectRefused(() => client.subscribe({ filter: shared }), "ERR_TOPIC_FILTER");
    expectRefused(() => client.unsubscribe(shared), "ERR_TOPIC_FILTER");
  }
  expectRefused(() => new TopicFilter(filter), "ERR_TOPIC_FILTER");
  broker.expectNothing();
}

function expectFilterAccepted(filter: string): void {
  const { broker, client } = connect();
  for (const shared of [filter, `$share/g/${filter}`]) {
    client.subscribe({ filter: shared, qos: 1 });
    broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: shared, qos: 1 }] });
    client.unsubscribe(shared);
    broker.expect("UNSUBSCRIBE", { topicFilters: [shared] });
  }
}

/** Every way in which a client can be given a Topic Name. */
function expectTopicRefused(topic: string): void {
  const { broker, client } = connect();
  for (const qos of [0, 1, 2] as const) expectRefused(() => client.publish(topic, "", qos), "ERR_TOPIC");
  expectRefused(() => new Topic(topic), "ERR_TOPIC");
  expectRefused(() => connect({ will: { topic } }), "ERR_TOPIC");
  expectRefused(() => new Properties({ responseTopic: topic }), "ERR_TOPIC");
  broker.expectNothing();
  broker.expectOpen();
}

const ALIASES = { topicAliasMaximum: 4 };

describe("4.7.1 Topic wildcards", () => {
  for (const topic of ["+", "#", "a/+", "+/a", "a/#", "a+b", "a#", "$SYS/#"])
    it(`MQTT-4.7.0-1: ${topic} is no Topic Name: to send, as Will or Response Topic, or received, with an alias or not`, () => {
      expectTopicRefused(topic);
      for (const qos of [0, 1, 2] as const) expectClosedBy(publish({ topic, qos }), "ERR_PROTOCOL", 0x82);
      expectClosedBy(publish({ topic, properties: [["topicAlias", 1]] }), "ERR_PROTOCOL", 0x82, ALIASES);
      expectClosedBy(publish({ topic: "a", properties: [["responseTopic", topic]] }), "ERR_PROTOCOL", 0x82);
    });

  for (const filter of ["#", "/#", "a/#", "a/b/#", "+/#", "$SYS/#"])
    it(`MQTT-4.7.1-1: ${filter} is a filter, shared too`, () => expectFilterAccepted(filter));

  for (const filter of ["a#", "a/b#", "#/", "#/a", "a/#/b", "##", "a/##", "#+", "/#/", "+#", "é#"])
    it(`MQTT-4.7.1-1: ${filter} is refused, its # being misplaced, shared too`, () => expectFilterRefused(filter));

  for (const filter of ["+", "/+", "+/", "+/+", "a/+", "+/a", "a/+/b", "+/a/+", "+/+/#"])
    it(`MQTT-4.7.1-2: ${filter} is a filter, shared too`, () => expectFilterAccepted(filter));

  for (const filter of ["a+", "+a", "a/b+", "a/+b", "++", "a/++/b", "+a/b", "é+"])
    it(`MQTT-4.7.1-2: ${filter} is refused, its + not filling a level, shared too`, () => expectFilterRefused(filter));
});

describe("4.7 Matching", () => {
  const MATCHING: readonly (readonly [filter: string, topic: string])[] = [
    ["sport/tennis/player1/#", "sport/tennis/player1"],
    ["sport/tennis/player1/#", "sport/tennis/player1/ranking"],
    ["sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon"],
    ["sport/#", "sport"],
    ["#", "/"],
    ["sport/tennis/+", "sport/tennis/player2"],
    ["sport/+", "sport/"],
    ["+/+", "/finance"],
    ["/+", "/finance"],
    ["+/b/#", "a/b/c/d"],
    ["é/+/😀", "é/€/😀"],
    ["a//b", "a//b"],
    ["a/+", "a/$b"],
    ["$SYS/#", "$SYS/monitor/Clients"],
    ["$SYS/monitor/+", "$SYS/monitor/Clients"],
  ];
  for (const [filter, topic] of MATCHING)
    it(`${filter} matches ${topic}, shared too`, () => {
      expect(matches(filter, topic)).toBe(true);
      expect(matches(`$share/g/${filter}`, topic)).toBe(true);
    });

  const DIFFERENT: readonly (readonly [filter: string, topic: string])[] = [
    ["sport/tennis/+", "sport/tennis/player1/ranking"],
    ["sport/+", "sport"],
    ["+", "/finance"],
    ["#", "$SYS/monitor/Clients"],
    ["+/monitor/Clients", "$SYS/monitor/Clients"],
    ["+", "$share"],
    ["ACCOUNTS", "Accounts"],
    ["/finance", "finance"],
    ["a", "a/"],
    ["\u00e9", "e\u0301"],
    ["a/b/#", "a/bc"],
  ];
  for (const [filter, topic] of DIFFERENT)
    it(`${filter} does not match ${topic}, shared neither`, () => {
      expect(matches(filter, topic)).toBe(false);
      expect(matches(`$share/g/${filter}`, topic)).toBe(false);
    });

  it("a message whose topic is an alias is matched by what that stands for", () => {
    const { broker, client, events } = connect(ALIASES);
    client.subscribe(["a/b", "a/+", "b/#", "$share/g/a/#"].map((filter) => ({ filter, handler: () => events.push(filter) })));
    broker.send(suback(1, [0, 0, 0, 0]));
    const properties = [["topicAlias", 1]] as const;
    broker.sendTogether(publish({ topic: "a/b", properties }), publish({ topic: "", properties }));
    expect(events).toEqual(["a/b", "a/+", "$share/g/a/#", "a/b", "a/+", "$share/g/a/#"]);
    events.length = 0;
    broker.sendTogether(publish({ topic: "b", properties }), publish({ topic: "", properties }));
    expect(events).toEqual(["b/#", "b/#"]);
  });
});

describe("4.7.3 Topic semantic and usage", () => {
  it("MQTT-4.7.3-1: an empty topic or filter is refused, an empty one behind a ShareName too", () => {
    expectTopicRefused("");
    expectFilterRefused("");
  });

  it("MQTT-4.7.3-1: closes by 0x82 on an empty Topic Name without an alias, with any QoS, payload and other properties", () => {
    for (const qos of [0, 1, 2] as const)
      for (const payload of ["", "abc"]) {
        expectClosedBy(publish({ topic: "", payload, qos }), "ERR_PROTOCOL", 0x82);
        expectClosedBy(publish({ topic: "", payload, qos, properties: [["contentType", "a"]] }), "ERR_PROTOCOL", 0x82, ALIASES);
      }
  });

  it("MQTT-4.7.3-1: closes by 0x82 on an empty Topic Name with an alias that stands for nothing", () => {
    expectClosedBy(publish({ topic: "", properties: [["topicAlias", 1]] }), "ERR_PROTOCOL", 0x82, ALIASES);
  });

  it("MQTT-4.7.3-1: an empty Topic Name with an alias that stands for one is all right", () => {
    const { broker, events } = connect(ALIASES);
    const properties = [["topicAlias", 4]] as const;
    broker.sendTogether(publish({ topic: "a", properties }), publish({ topic: "", payload: "x", properties }));
    expect(events).toEqual(["message a: ", "message a: x"]);
  });

  it("MQTT-4.7.3-1: closes by 0x82 on an empty Response Topic, which is a Topic Name", () => {
    expectClosedBy(publish({ topic: "a", properties: [["responseTopic", ""]] }), "ERR_PROTOCOL", 0x82);
  });

  it("MQTT-4.7.3-1: one character is enough, a slash or a space too", () => {
    for (const topic of ["/", " ", "a", "$"]) {
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
      expectTopicRefused(text);
      expectFilterRefused(text);
    }
    expectRefused(() => connect().client.subscribe({ filter: "$share/\0/a" }), "ERR_TOPIC_FILTER");
  });

  it("MQTT-4.7.3-2: closes by 0x81 on U+0000 in a Topic Name or Response Topic, with any QoS", () => {
    for (const topic of ["\0", "a/\0/b", "a\0"]) {
      for (const qos of [0, 1, 2] as const) expectClosedBy(publish({ topic, qos }), "ERR_MALFORMED_PACKET", 0x81);
      expectClosedBy(publish({ topic: "a", properties: [["responseTopic", topic]] }), "ERR_MALFORMED_PACKET", 0x81);
    }
  });

  it("MQTT-4.7.3-3: topics and filters of 65,535 bytes are taken, longer ones refused, in bytes, not characters", () => {
    const options = { packetSize: 66_000 };
    for (const longest of ["a".repeat(65_535), "€".repeat(21_845), `$share/g/${"a".repeat(65_526)}`]) {
      const { broker, client } = connect(options, { writeLimit: 100_000 });
      client.publish(longest, "");
      broker.expect("PUBLISH", { topic: longest });
      client.subscribe({ filter: longest });
      broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: longest }] });
      client.unsubscribe(longest);
      broker.expect("UNSUBSCRIBE", { topicFilters: [longest] });
      expectRefused(() => client.publish(`${longest}a`, ""), "ERR_TOPIC");
      expectRefused(() => new Topic(`${longest}a`), "ERR_TOPIC");
      expectRefused(() => client.subscribe({ filter: `${longest}a` }), "ERR_TOPIC_FILTER");
      expectRefused(() => client.unsubscribe(`${longest}a`), "ERR_TOPIC_FILTER");
      broker.expectNothing();
    }
  });

  it("MQTT-4.7.3-3: a received Topic Name of 65,535 bytes is a topic like any other", () => {
    const topic = `${"a/".repeat(32_767)}b`;
    const { broker, events } = connect({ packetSize: 66_000 }, { writeLimit: 100_000 });
    broker.send(publish({ topic, payload: "x" }));
    expect(events).toEqual([`message ${topic}: x`]);
  });
});
