import { describe, expect, it } from "vitest";
import { TopicFilter } from "mqtt-xs";
import { puback, pubcomp, publish, pubrec, pubrel, suback, unsuback } from "../support/packets.js";
import { connect, expectRefused, PERSISTENT, reconnect, type Fixture } from "./support.js";

/** Subscribes to `a` and `b`, each with a handler that tells of it. */
function subscribed(): Fixture {
  const fixture = connect(PERSISTENT);
  const { broker, client, events } = fixture;
  client.subscribe(["a", "b"].map((filter) => ({ filter, qos: 2, handler: ({ topic }) => events.push(`handler ${topic}`) })));
  broker.expect("SUBSCRIBE", { identifier: 1 });
  broker.send(suback(1, 2, 2));
  return fixture;
}

describe("3.10 UNSUBSCRIBE", () => {
  it("MQTT-3.10.1-1: UNSUBSCRIBE has flags 2, when it is sent again too", () => {
    const fixture = connect(PERSISTENT);
    const { broker, client } = fixture;
    client.unsubscribe("a");
    broker.expectBytes("a2 05 00 01 00 01 61");
    reconnect(fixture, { sessionPresent: true });
    broker.expectBytes("a2 05 00 01 00 01 61");
    broker.expectNothing();
  });

  it("MQTT-3.10.3-1: filters are UTF-8, one right after the other", () => {
    const { broker, client } = connect();
    client.unsubscribe(["é", new TopicFilter("+/b"), "#"]);
    broker.expectBytes("a2 0e 00 01 00 02 c3 a9 00 03 2b 2f 62 00 01 23");
    broker.expectNothing();
  });

  it("MQTT-3.10.3-1: refuses a filter that UTF-8 cannot express", () => {
    const { broker, client } = connect();
    expectRefused(() => client.unsubscribe(["a", "\ud800"]), "ERR_TOPIC_FILTER");
    broker.expectNothing();
  });

  it("MQTT-3.10.3-2: refuses to unsubscribe from no filter at all", () => {
    const { broker, client } = connect();
    expectRefused(() => client.unsubscribe([]), "ERR_ARGUMENT", "filter");
    broker.expectNothing();
  });
});

describe("3.10.4 Response, 3.11 UNSUBACK", () => {
  it("MQTT-3.10.4-1: only an exactly equal filter is unsubscribed from", () => {
    const { broker, client, events } = subscribed();
    client.unsubscribe(["+", "A", "a/"]);
    broker.expect("UNSUBSCRIBE", { identifier: 2 });
    broker.sendTogether(unsuback(2), publish({ topic: "a" }));
    expect(events).toEqual(["handler a"]);
  });

  it("MQTT-3.10.4-3: what was under way is delivered and acknowledged to the end", () => {
    const { broker, client, events } = subscribed();
    client.unsubscribe(["a", "b"]);
    broker.expect("UNSUBSCRIBE", { identifier: 2 });
    broker.send(publish({ topic: "a", qos: 1, identifier: 8 }));
    broker.expectBytes(puback(8));
    broker.send(publish({ topic: "b", qos: 2, identifier: 9 }));
    broker.expectBytes(pubrec(9));
    broker.send(unsuback(2));
    broker.send(pubrel(9));
    broker.expectBytes(pubcomp(9));
    expect(events).toEqual(["handler a", "handler b"]);
  });

  it("MQTT-3.10.4-4: the UNSUBACK with its identifier completes an UNSUBSCRIBE, once", () => {
    let done = 0;
    const { broker, client } = subscribed();
    const identifier = client.unsubscribe("a", () => done++);
    broker.expect("UNSUBSCRIBE", { identifier: 2 });
    broker.send(unsuback(3));
    expect(done).toBe(0);
    broker.sendByteByByte(unsuback(identifier));
    expect(done).toBe(1);
    broker.send(unsuback(identifier));
    expect(done).toBe(1);
    broker.expectOpen();
  });

  it("MQTT-3.10.4-4: until the UNSUBACK the handler is called, from then on it is not", () => {
    const { broker, client, events } = subscribed();
    client.unsubscribe("a");
    broker.expect("UNSUBSCRIBE", { identifier: 2 });
    broker.send(publish({ topic: "a" }));
    expect(events).toEqual(["handler a"]);
    broker.sendTogether(unsuback(2), publish({ topic: "a" }), publish({ topic: "b" }));
    expect(events.slice(1)).toEqual(["message a: ", "handler b"]);
  });

  it("MQTT-3.10.4-4: a SUBACK does not complete an UNSUBSCRIBE, nor an UNSUBACK a SUBSCRIBE", () => {
    const done: string[] = [];
    const { broker, client } = connect();
    client.subscribe({ filter: "a" }, () => done.push("subscribed"));
    client.unsubscribe("b", () => done.push("unsubscribed"));
    broker.sendTogether(unsuback(1), suback(2, 0));
    expect(done).toEqual([]);
    broker.sendTogether(suback(1, 0), unsuback(2));
    expect(done).toEqual(["subscribed", "unsubscribed"]);
  });

  it("MQTT-3.10.4-5: an UNSUBACK for what was never subscribed to completes as well", () => {
    let done = 0;
    const { broker, client } = connect();
    client.unsubscribe("never", () => done++);
    broker.send(unsuback(1));
    expect(done).toBe(1);
  });

  it("an unanswered UNSUBSCRIBE is sent again; what it ended is not restored once answered", () => {
    const fixture = subscribed();
    const { broker, client } = fixture;
    client.unsubscribe("a");
    broker.expect("UNSUBSCRIBE", { identifier: 2 });
    reconnect(fixture, { sessionPresent: true });
    broker.expect("UNSUBSCRIBE", { identifier: 2 });
    broker.send(unsuback(2));
    reconnect(fixture, { sessionPresent: false });
    broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: "b", qos: 2 }] });
    broker.expectNothing();
  });
});
