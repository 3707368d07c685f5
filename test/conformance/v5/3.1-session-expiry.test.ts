import { describe, expect, it } from "vitest";
import { Properties, type ClientOptions } from "mqtt-xs/v5";
import { connack, publish, pubcomp, pubrec, suback, type ConnackFields } from "../../support/v5/packets.js";
import { connect, expectNotConnectedBy, type Fixture, messages, PERSISTENT, reconnect, start } from "./support.js";

const FOR_EVER = 0xffff_ffff;

/** Closes, lets the time pass, and connects again. Returns whether the client asks for a Clean Start. */
function comeBackAfter({ broker, client }: Fixture, milliseconds: number, answer: ConnackFields = {}): boolean {
  client.close();
  broker.transport.takeSent();
  broker.advance(milliseconds);
  client.connect();
  broker.transport.accept();
  const { cleanStart } = broker.expect("CONNECT");
  broker.send(answerTo(cleanStart, answer));
  expect(client.connected).toBe(true);
  return cleanStart;
}

/** The CONNACK of a server that has the session if, and only if, the client thinks so. */
function answerTo(cleanStart: boolean, answer: ConnackFields): Uint8Array {
  return connack({ ...answer, sessionPresent: !cleanStart });
}

/** The connection breaks, and the stream opens again so much later. Returns whether the client asks for a Clean Start. */
function breakFor({ broker, client }: Fixture, milliseconds: number): boolean {
  broker.drop();
  broker.advance(milliseconds);
  if (!broker.transport.isOpening) throw new Error("the client was expected to be connecting");
  broker.transport.accept();
  const { cleanStart } = broker.expect("CONNECT");
  broker.send(answerTo(cleanStart, {}));
  expect(client.connected).toBe(true);
  return cleanStart;
}

/** Long enough for a stream to be awaited over all the times below. */
const PATIENT = { connectTimeout: 0x7fff_ffff } as const;

describe("3.1.2.4 Clean Start", () => {
  it("MQTT-3.1.2-4: with clean, every connection says Clean Start, whatever the session expiry interval", () => {
    for (const sessionExpiryInterval of [0, 1, 100, FOR_EVER]) {
      const fixture = connect({ clean: true, sessionExpiryInterval });
      for (let connection = 0; connection < 3; connection++) expect(breakFor(fixture, 0)).toBe(true);
      expect(comeBackAfter(fixture, 10)).toBe(true);
    }
  });

  it("MQTT-3.1.2-4: without clean, no connection does while the session lasts", () => {
    const fixture = start(PERSISTENT);
    expect(fixture.broker.acceptConnection().cleanStart).toBe(false);
    for (let connection = 0; connection < 3; connection++) expect(breakFor(fixture, 0)).toBe(false);
    expect(comeBackAfter(fixture, 10)).toBe(false);
  });

  it("MQTT-3.1.2-4: with Clean Start, received identifiers of the last session mean nothing", () => {
    const fixture = connect();
    const { broker, events } = fixture;
    broker.send(publish({ topic: "t", payload: "old", qos: 2, identifier: 9 }));
    broker.expect("PUBREC");
    reconnect(fixture);
    broker.send(publish({ topic: "t", payload: "new", qos: 2, identifier: 9 }));
    broker.expect("PUBREC", { identifier: 9 });
    expect(messages({ events })).toEqual(["message t: old", "message t: new"]);
  });

  it("MQTT-3.1.2-4: with Clean Start, what the last session did not finish is sent as new, without DUP or PUBREL", () => {
    const fixture = connect();
    const { broker, client } = fixture;
    client.publish("t", "a", 1);
    client.publish("t", "b", 2);
    client.publish("t", "c", 2);
    broker.transport.takeSent();
    broker.send(pubrec(3));
    broker.expect("PUBREL");
    reconnect(fixture);
    broker.expect("PUBLISH", { payload: "a", dup: false });
    broker.expect("PUBLISH", { payload: "b", dup: false });
    broker.expectNothing();
    expect(fixture.events).toContain("delivered 3");
    broker.send(pubcomp(3));
    expect(fixture.events.filter((event) => event === "delivered 3")).toHaveLength(1);
  });

  it("MQTT-3.1.2-4: with Clean Start, subscriptions are asked for in the new session", () => {
    const fixture = connect();
    const { broker, client } = fixture;
    client.subscribe([{ filter: "a", qos: 1, noLocal: true }, { filter: "b", retainHandling: 2 }]);
    broker.expect("SUBSCRIBE");
    broker.send(suback(1, [1, 0]));
    reconnect(fixture);
    broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: "a", qos: 1, noLocal: true }] });
    broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: "b", qos: 0, retainHandling: 2 }] });
    broker.expectNothing();
  });
});

describe("3.1.2.11.2 Session Expiry Interval", () => {
  it("3.1.2.11.2: is announced as the option says; by default 0, which is absent, with clean, and for ever without", () => {
    const announced = (options: Partial<ClientOptions>): number | undefined =>
      start(options).broker.acceptConnection().properties.sessionExpiryInterval;
    expect(announced({})).toBeUndefined();
    expect(announced({ clean: true })).toBeUndefined();
    expect(announced(PERSISTENT)).toBe(FOR_EVER);
    for (const clean of [true, false]) {
      expect(announced({ clean, clientId: "c", sessionExpiryInterval: 0 }) ?? 0).toBe(0);
      for (const seconds of [1, 255, 256, 65_535, 65_536, 0x7fff_ffff, 0x8000_0000, FOR_EVER - 1, FOR_EVER])
        expect(announced({ clean, clientId: "c", sessionExpiryInterval: seconds })).toBe(seconds);
    }
  });

  it("3.1.2.11.2: is announced on every connection, whatever the server or a DISCONNECT has made of it meanwhile", () => {
    const fixture = connect({ ...PERSISTENT, sessionExpiryInterval: 100 }, {}, { properties: [["sessionExpiryInterval", 7]] });
    const { broker, client } = fixture;
    broker.drop();
    broker.advance(0);
    broker.expectConnecting();
    expect(broker.acceptConnection({ sessionPresent: true }).properties.sessionExpiryInterval).toBe(100);
    client.close(0, new Properties({ sessionExpiryInterval: 3 }));
    broker.expect("DISCONNECT", { properties: { sessionExpiryInterval: 3 } });
    client.connect();
    expect(broker.acceptConnection({ sessionPresent: true }).properties.sessionExpiryInterval).toBe(100);
  });

  it("MQTT-3.1.2-23: above 0, what is under way survives a lost connection", () => {
    for (const sessionExpiryInterval of [1, 100, FOR_EVER]) {
      const fixture = connect({ ...PERSISTENT, sessionExpiryInterval });
      const { broker, client, events } = fixture;
      client.publish("t", "a", 1);
      client.publish("t", "b", 2);
      client.publish("t", "c", 2);
      broker.transport.takeSent();
      broker.send(publish({ topic: "t", payload: "in", qos: 2, identifier: 9 }));
      broker.send(pubrec(3));
      broker.transport.takeSent();
      reconnect(fixture, { sessionPresent: true });
      const sent = broker.takePackets().map((each) => {
        if (each.type === "PUBLISH") return `PUBLISH ${each.identifier} ${each.dup}`;
        return each.type === "PUBREL" ? `PUBREL ${each.identifier}` : each.type;
      });
      expect(sent.toSorted()).toEqual(["PUBLISH 1 true", "PUBLISH 2 true", "PUBREL 3"]);
      broker.send(publish({ topic: "t", payload: "in", qos: 2, identifier: 9, dup: true }));
      broker.expect("PUBREC", { identifier: 9, reasonCode: 0 });
      broker.expectNothing();
      expect(messages({ events })).toEqual(["message t: in"]);
    }
  });

  for (const seconds of [1, 5, 100, 86_400])
    it(`3.1.2.11.2: an interval of ${seconds} s lasts so long after a close, and no longer`, () => {
      const fixture = connect({ ...PERSISTENT, sessionExpiryInterval: seconds });
      expect(comeBackAfter(fixture, 0)).toBe(false);
      expect(comeBackAfter(fixture, seconds * 1_000 - 1)).toBe(false);
      expect(comeBackAfter(fixture, seconds * 1_000 - 1)).toBe(false); // counted from the end of each connection
      expect(comeBackAfter(fixture, seconds * 1_000)).toBe(true);
      expect(comeBackAfter(fixture, seconds * 1_000 - 1)).toBe(false); // the new session lasts as long
      expect(comeBackAfter(fixture, seconds * 1_000 + 1)).toBe(true);
    });

  it("3.1.2.11.2: an interval lasts so long after a lost connection, and no longer", () => {
    const fixture = connect({ ...PERSISTENT, ...PATIENT, sessionExpiryInterval: 60 });
    expect(breakFor(fixture, 59_999)).toBe(false);
    expect(breakFor(fixture, 60_000)).toBe(true);
    expect(breakFor(fixture, 59_999)).toBe(false);
  });

  it("3.1.2.11.2: it does not run while the connection lasts", () => {
    const fixture = connect({ ...PERSISTENT, sessionExpiryInterval: 5, keepalive: 0 });
    fixture.broker.advance(3_600_000);
    expect(breakFor(fixture, 0)).toBe(false);
    fixture.broker.advance(3_600_000);
    expect(comeBackAfter(fixture, 4_999)).toBe(false);
  });

  it("3.1.2.11.2: attempts that never reach the server do not prolong or end the session", () => {
    const fixture = connect({ ...PERSISTENT, ...PATIENT, sessionExpiryInterval: 10, reconnectPeriod: 1, reconnectMaximum: 1 });
    const { broker } = fixture;
    for (const [after, expected] of [[9_000, false], [10_000, true]] as const) {
      broker.drop();
      for (let attempt = 0; attempt < 3; attempt++) {
        broker.advance(after / 4);
        broker.transport.refuse();
      }
      broker.advance(after / 4);
      broker.transport.accept();
      const { cleanStart } = broker.expect("CONNECT");
      expect(cleanStart).toBe(expected);
      broker.send(answerTo(cleanStart, {}));
    }
  });

  it("3.1.2.11.2: with an interval of 0 the session is over as soon as the connection is", () => {
    const fixture = connect({ ...PERSISTENT, sessionExpiryInterval: 0 });
    expect(comeBackAfter(fixture, 0)).toBe(true);
    expect(breakFor(fixture, 0)).toBe(true);
  });

  it("3.1.2.11.2: 0xFFFFFFFF never ends, however long the client is away", () => {
    const fixture = connect({ ...PERSISTENT, sessionExpiryInterval: FOR_EVER });
    const day = 86_400_000;
    for (const days of [1, 24, 25, 49, 50, 400, 5_000]) expect(comeBackAfter(fixture, days * day)).toBe(false);
  });

  it("3.1.2.11.2: the interval is right also when the clock wraps meanwhile", () => {
    for (const clockStart of [2 ** 32 - 1, 2 ** 32 - 5_000, 2 ** 32 - 9_999, 2 ** 31]) {
      const fixture = connect({ ...PERSISTENT, sessionExpiryInterval: 10 }, { clockStart });
      expect(comeBackAfter(fixture, 9_999)).toBe(false);
      expect(comeBackAfter(fixture, 10_000)).toBe(true);
    }
  });

  it("3.1.2.11.2: a session that ended is given up on both sides: identifiers forgotten, messages new, filters asked for", () => {
    const fixture = connect({ ...PERSISTENT, sessionExpiryInterval: 10 });
    const { broker, client, events } = fixture;
    client.subscribe({ filter: "a" });
    broker.expect("SUBSCRIBE");
    broker.send(suback(1, 0));
    client.publish("t", "kept", 2);
    broker.send(publish({ topic: "t", payload: "old", qos: 2, identifier: 9 }));
    broker.transport.takeSent();
    expect(comeBackAfter(fixture, 10_000)).toBe(true);
    broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: "a" }] });
    broker.expect("PUBLISH", { payload: "kept", dup: false });
    broker.send(publish({ topic: "t", payload: "new", qos: 2, identifier: 9 }));
    broker.expect("PUBREC", { identifier: 9 });
    expect(messages({ events })).toEqual(["message t: old", "message t: new"]);
  });

  it("MQTT-3.1.2-23: a close with a Session Expiry Interval of its own changes how long the session lasts", () => {
    for (const [seconds, expected] of [[5, 5], [200, 200]] as const)
      for (const [after, isOver] of [[expected * 1_000 - 1, false], [expected * 1_000, true]] as const) {
        const { broker, client } = connect({ ...PERSISTENT, sessionExpiryInterval: 100 });
        client.close(0, new Properties({ sessionExpiryInterval: seconds }));
        broker.expect("DISCONNECT", { properties: { sessionExpiryInterval: seconds } });
        broker.advance(after);
        client.connect();
        expect(broker.acceptConnection({ sessionPresent: !isOver }).cleanStart).toBe(isOver);
      }
  });

  it("3.1.2.11.2: a close with a Session Expiry Interval of 0 ends the session, and only that one", () => {
    const fixture = connect(PERSISTENT);
    const { broker, client } = fixture;
    client.close(0, new Properties({ sessionExpiryInterval: 0 }));
    broker.expect("DISCONNECT", { properties: { sessionExpiryInterval: 0 } });
    client.connect();
    expect(broker.acceptConnection().cleanStart).toBe(true);
    expect(breakFor(fixture, 10)).toBe(false);
  });
});

describe("3.2.2.3.2 Session Expiry Interval of the server", () => {
  const served = (seconds: number, options: Partial<ClientOptions> = {}): Fixture =>
    connect({ ...PERSISTENT, ...options }, {}, { properties: [["sessionExpiryInterval", seconds]] });

  it("3.2.2.3.2: a shorter interval is the one that counts", () => {
    for (const asked of [60, FOR_EVER]) {
      expect(comeBackAfter(served(10, { sessionExpiryInterval: asked }), 9_999)).toBe(false);
      expect(comeBackAfter(served(10, { sessionExpiryInterval: asked }), 10_000)).toBe(true);
    }
    expect(comeBackAfter(served(10, { sessionExpiryInterval: 60 }), 59_999)).toBe(true);
  });

  it("MQTT-3.1.2-23: a longer interval is the one that counts, also where 0 was asked for", () => {
    for (const asked of [0, 5]) {
      expect(comeBackAfter(served(10, { sessionExpiryInterval: asked }), 9_999)).toBe(false);
      expect(comeBackAfter(served(10, { sessionExpiryInterval: asked }), 10_000)).toBe(true);
      expect(comeBackAfter(served(FOR_EVER, { sessionExpiryInterval: asked }), 1_000_000_000)).toBe(false);
    }
  });

  it("3.2.2.3.2: 0 has the session end with the connection, though it was to last for ever", () => {
    expect(comeBackAfter(served(0), 0)).toBe(true);
    expect(breakFor(served(0), 0)).toBe(true);
  });

  it("3.2.2.3.2: it holds for one connection: without it in the next CONNACK, what was asked for counts again", () => {
    const fixture = served(10, { sessionExpiryInterval: 60 });
    expect(comeBackAfter(fixture, 5_000)).toBe(false); // this CONNACK has none
    expect(fixture.client.server.sessionExpiryInterval).toBeUndefined();
    expect(comeBackAfter(fixture, 59_999)).toBe(false);
    expect(comeBackAfter(fixture, 60_000)).toBe(true);
    expect(comeBackAfter(fixture, 0, { properties: [["sessionExpiryInterval", 3]] })).toBe(false);
    expect(comeBackAfter(fixture, 3_000)).toBe(true);
  });

  it("3.2.2.3.2: a refused attempt in between changes nothing of it", () => {
    for (const [seconds, asked] of [[100, 0], [100, 5], [10, FOR_EVER]] as const)
      for (const [after, isOver] of [[seconds * 1_000 - 1, false], [seconds * 1_000, true]] as const) {
        const { broker } = served(seconds, { ...PATIENT, sessionExpiryInterval: asked });
        broker.drop();
        broker.advance(0);
        expect(broker.acceptConnection({ reasonCode: 0x89 }).cleanStart).toBe(false);
        broker.advance(after);
        expect(broker.acceptConnection({ sessionPresent: !isOver }).cleanStart, `${seconds} ${asked} ${after}`).toBe(isOver);
      }
  });

  it("3.2.2.3.2: is told by client.server", () => {
    expect(served(0).client.server.sessionExpiryInterval).toBe(0);
    expect(served(10).client.server.sessionExpiryInterval).toBe(10);
    expect(served(FOR_EVER).client.server.sessionExpiryInterval).toBe(FOR_EVER);
    expect(connect().client.server.sessionExpiryInterval).toBeUndefined();
  });

  it("3.2.2.3.2: with clean, a server that keeps the session for longer changes nothing: Clean Start again", () => {
    const fixture = connect({ clientId: "c", clean: true }, {}, { properties: [["sessionExpiryInterval", 100]] });
    expect(breakFor(fixture, 0)).toBe(true);
  });

  it("3.2.2.3.2: after a server's 0, Session Present 1 answers a Clean Start, and is a protocol error", () => {
    const { broker, client, events } = served(0, { reconnectPeriod: 0 });
    client.close();
    broker.transport.takeSent();
    events.length = 0;
    client.connect();
    broker.acceptConnection({ sessionPresent: true });
    broker.expectBytes("e0 01 82");
    broker.expectClosed();
    expect(events).toEqual(["disconnected ERR_PROTOCOL"]);
  });
});

describe("3.2.2.1.1 Session Present", () => {
  it("MQTT-3.2.2-2: closes on Session Present 1 after Clean Start 1", () => {
    for (const sessionExpiryInterval of [0, 100, FOR_EVER])
      for (const options of [{ clientId: "c" }, { clean: true, clientId: "c" }] as const)
        expectNotConnectedBy(connack({ sessionPresent: true }), "ERR_PROTOCOL", 0x82, { ...options, sessionExpiryInterval });
  });

  it("MQTT-3.2.2-2: nothing of the session has changed then: what waits is sent once a server does as asked", () => {
    const { broker, client, events } = start({ clientId: "c" });
    client.publish("t", "x", 1);
    broker.acceptConnection({ sessionPresent: true });
    broker.expectBytes("e0 01 82");
    broker.advance(0);
    expect(broker.acceptConnection().cleanStart).toBe(true);
    broker.expect("PUBLISH", { payload: "x", dup: false });
    expect(events).toEqual(["disconnected ERR_PROTOCOL", "connected"]);
  });

  it("MQTT-3.2.2-4: closes on Session Present 1 where the session has ended by the client's clock", () => {
    for (const milliseconds of [10_000, 10_001, 3_600_000]) {
      const { broker, client, events } = connect({ ...PERSISTENT, sessionExpiryInterval: 10, reconnectPeriod: 0 });
      client.close();
      broker.transport.takeSent();
      broker.advance(milliseconds);
      events.length = 0;
      client.connect();
      expect(broker.acceptConnection({ sessionPresent: true }).cleanStart).toBe(true);
      broker.expectBytes("e0 01 82");
      broker.expectClosed();
      expect(events).toEqual(["disconnected ERR_PROTOCOL"]);
    }
  });

  it("MQTT-3.2.2-4: closes on Session Present 1 for a client that had no identifier, and so can have no session", () => {
    const answer = connack({ sessionPresent: true, properties: [["assignedClientIdentifier", "new"]] });
    for (const clean of [true, false]) expectNotConnectedBy(answer, "ERR_PROTOCOL", 0x82, { clean });
  });

  it("MQTT-3.2.2-5: tells the application what the server says of a session that was to go on", () => {
    for (const sessionPresent of [false, true]) {
      const fixture = connect(PERSISTENT);
      reconnect(fixture, { sessionPresent });
      expect(fixture.events).toContain(sessionPresent ? "connected, session present" : "connected");
    }
  });
});
