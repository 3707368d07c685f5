import { describe, expect, it } from "vitest";
import { messages, PERSISTENT, reconnect } from "../support.js";
import { VERSIONS } from "./versions.js";

describe.each(VERSIONS)("$name, a session that is kept", ({ connect, named, pubrec, publish, suback }) => {
  it(named(["MQTT-3.1.2-4", "MQTT-3.1.2-23"], "it survives close() and the next connect() as well"), () => {
    const { broker, client, events } = connect(PERSISTENT);
    client.publish("t", "a", 1);
    broker.expect("PUBLISH");
    broker.send(publish({ topic: "t", payload: "in", qos: 2, identifier: 9 }));
    broker.expect("PUBREC");
    client.close();
    broker.expect("DISCONNECT");
    broker.expectClosed();
    client.connect();
    broker.acceptConnection({ sessionPresent: true });
    broker.expect("PUBLISH", { identifier: 1, payload: "a", dup: true });
    broker.send(publish({ topic: "t", payload: "in", qos: 2, identifier: 9, dup: true }));
    broker.expect("PUBREC");
    expect(messages({ events })).toEqual(["message t: in"]);
  });

  it(named(["MQTT-3.1.2-4", "MQTT-3.1.2-23"], "subscriptions are not asked for again while the server has the session"), () => {
    const fixture = connect(PERSISTENT);
    const { broker, client, events } = fixture;
    client.subscribe({ filter: "a", handler: (message) => events.push(`handler ${message.text()}`) });
    broker.expect("SUBSCRIBE");
    broker.send(suback(1, 0));
    reconnect(fixture, { sessionPresent: true });
    broker.expectNothing();
    broker.send(publish({ topic: "a", payload: "x" }));
    expect(events.at(-1)).toBe("handler x");
  });

  it(named(["MQTT-3.1.2-4", "MQTT-3.2.2-5"], "on Session Present 0, the session that the client had begins anew"), () => {
    const fixture = connect({ ...PERSISTENT, inflight: 3 });
    const { broker, client, events } = fixture;
    client.subscribe({ filter: "a" });
    broker.send(suback(1, 0));
    client.publish("t", "b", 1); // 2
    client.publish("t", "c", 2); // 3
    client.publish("t", "d", 2); // 4, which the server has taken over with its PUBREC
    broker.transport.takeSent();
    broker.sendTogether(pubrec(4), publish({ topic: "t", payload: "in", qos: 2, identifier: 9 }));
    broker.transport.takeSent();
    events.length = 0;
    reconnect(fixture, { sessionPresent: false });
    broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: "a", qos: 0 }] });
    broker.expect("PUBLISH", { payload: "b", qos: 1, dup: false });
    broker.expect("PUBLISH", { payload: "c", qos: 2, dup: false });
    broker.expectNothing();
    broker.send(publish({ topic: "t", payload: "other", qos: 2, identifier: 9 }));
    expect(events).toEqual(["disconnected ERR_CONNECTION_CLOSED", "delivered 4", "connected", "reconnected", "message t: other"]);
  });
});

describe.each(VERSIONS)("$name, 4.1 Storing state", ({ named, start }) => {
  it(named(["MQTT-4.1.0-1", "4.1"], "messages published while there is no connection are part of the session"), () => {
    const { broker, client } = start(PERSISTENT);
    client.publish("t", "before the first", 1);
    broker.acceptConnection();
    broker.expect("PUBLISH", { payload: "before the first", dup: false });
    broker.drop();
    client.publish("t", "between", 2);
    broker.advance(0);
    broker.acceptConnection({ sessionPresent: true });
    broker.expect("PUBLISH", { payload: "before the first", dup: true });
    broker.expect("PUBLISH", { payload: "between", dup: false });
    broker.expectNothing();
  });
});
