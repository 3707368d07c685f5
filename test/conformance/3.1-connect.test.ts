import { describe, expect, it } from "vitest";
import { Topic, WOULD_BLOCK, type ClientOptions, type QoS } from "mqtt-xs";
import { connack, hex, pubcomp, publish, pubrec, pubrel, suback } from "../support/packets.js";
import { connect, connectPacket, expectRefused, messages, PERSISTENT, reconnect, start } from "./support.js";

/** Where the Connect Flags stand in a CONNECT of fewer than 128 bytes. */
const FLAGS = 9;

const WILL = { topic: "w", payload: "gone" };

/** Every combination of what the Connect Flags tell. */
function* combinations(): Generator<{ options: Partial<ClientOptions>; flags: number }> {
  for (const clean of [true, false])
    for (const credentials of [{}, { username: "u" }, { username: "u", password: "p" }] as const)
      for (const qos of [undefined, 0, 1, 2] as const)
        for (const retain of qos === undefined ? [false] : [false, true]) {
          const will = qos === undefined ? {} : { will: { ...WILL, qos, retain } };
          const credentialFlags = ("username" in credentials ? 0x80 : 0) | ("password" in credentials ? 0x40 : 0);
          const willFlags = qos === undefined ? 0 : 0x04 | (qos << 3) | (retain ? 0x20 : 0);
          yield { options: { clientId: "c", clean, ...credentials, ...will }, flags: (clean ? 2 : 0) | credentialFlags | willFlags };
        }
}

describe("3.1 CONNECT", () => {
  it("MQTT-3.1.0-2: connect() sends no second CONNECT on its way, when connected, or while waiting for the next try", () => {
    const { broker, client } = start();
    expectRefused(() => client.connect(), "ERR_STATE");
    broker.transport.accept();
    broker.expect("CONNECT");
    expectRefused(() => client.connect(), "ERR_STATE");
    broker.send(connack());
    expectRefused(() => client.connect(), "ERR_STATE");
    broker.expectNothing();
    broker.drop();
    expectRefused(() => client.connect(), "ERR_STATE");
    broker.advance(0);
    broker.acceptConnection();
    broker.expectNothing();
    expect(broker.transport.opens).toBe(2);
  });
});

describe("3.1.2 Variable header", () => {
  it("MQTT-3.1.2-1, MQTT-3.1.2-2: CONNECT begins with the protocol name MQTT and level 4", () => {
    for (const { options } of combinations())
      expect([...connectPacket(options).slice(2, FLAGS)]).toEqual([...hex("00 04 4d 51 54 54 04")]);
  });

  it("MQTT-3.1.2-2: an unsupported level is a refusal that the application is told", () => {
    const { broker, events } = start({ reconnectPeriod: 0 });
    broker.acceptConnection({ returnCode: 1 });
    broker.expectClosed();
    expect(events).toEqual(["disconnected ERR_CONNECTION_REFUSED"]);
  });

  it("MQTT-3.1.2-3: the lowest Connect Flag is never set, and the others say what is there", () => {
    for (const { options, flags } of combinations()) expect(connectPacket(options)[FLAGS]).toBe(flags);
  });

  it("the smallest CONNECT there is", () => {
    expect([...connectPacket()]).toEqual([...hex("10 0c 00 04 4d 51 54 54 04 02 00 3c 00 00")]);
  });

  for (const [keepalive, bytes] of [[0, "00 00"], [1, "00 01"], [256, "01 00"], [65_535, "ff ff"]] as const)
    it(`MQTT-3.1.2-23: announces a Keep Alive of ${keepalive} s`, () => {
      expect([...connectPacket({ keepalive }).slice(FLAGS + 1, FLAGS + 3)]).toEqual([...hex(bytes)]);
    });
});

describe("3.1.2.4 Clean Session", () => {
  it("MQTT-3.1.2-4: with Clean Session 0, what is under way survives a lost connection", () => {
    const fixture = connect(PERSISTENT);
    const { broker, client, events } = fixture;
    client.publish("t", "a", 1);
    client.publish("t", "b", 2);
    client.publish("t", "c", 2);
    broker.transport.takeSent();
    broker.send(publish({ topic: "t", payload: "in", qos: 2, identifier: 9 }));
    broker.send(pubrec(3));
    broker.transport.takeSent();
    reconnect(fixture, { sessionPresent: true });
    broker.expect("PUBLISH", { identifier: 1, payload: "a", dup: true });
    broker.expect("PUBLISH", { identifier: 2, payload: "b", dup: true });
    broker.expect("PUBREL", { identifier: 3 });
    broker.send(publish({ topic: "t", payload: "in", qos: 2, identifier: 9, dup: true }));
    broker.expect("PUBREC", { identifier: 9 });
    broker.expectNothing();
    expect(messages({ events })).toEqual(["message t: in"]);
  });

  it("MQTT-3.1.2-6: with Clean Session 1, every connection says so", () => {
    const { broker } = connect();
    for (let connection = 0; connection < 3; connection++) {
      broker.drop();
      broker.advance(0);
      expect(broker.acceptConnection().clean).toBe(true);
    }
  });

  it("MQTT-3.1.2-6: with Clean Session 1, received identifiers of the last session mean nothing", () => {
    const fixture = connect();
    const { broker, events } = fixture;
    broker.send(publish({ topic: "t", payload: "old", qos: 2, identifier: 9 }));
    broker.expect("PUBREC");
    reconnect(fixture, {});
    broker.send(publish({ topic: "t", payload: "new", qos: 2, identifier: 9 }));
    broker.expect("PUBREC", { identifier: 9 });
    expect(messages({ events })).toEqual(["message t: old", "message t: new"]);
  });

  it("MQTT-3.1.2-6: with Clean Session 1, what the last session did not finish is sent as new, without DUP or PUBREL", () => {
    const fixture = connect();
    const { broker, client } = fixture;
    client.publish("t", "a", 1);
    client.publish("t", "b", 2);
    client.publish("t", "c", 2);
    broker.transport.takeSent();
    broker.send(pubrec(3));
    broker.expect("PUBREL");
    reconnect(fixture, {});
    broker.expect("PUBLISH", { payload: "a", dup: false });
    broker.expect("PUBLISH", { payload: "b", dup: false });
    broker.expectNothing();
    expect(fixture.events).toContain("delivered 3");
    broker.send(pubcomp(3));
    expect(fixture.events.filter((event) => event === "delivered 3")).toHaveLength(1);
  });

  it("MQTT-3.1.2-6: with Clean Session 1, subscriptions are asked for in the new session", () => {
    const fixture = connect();
    const { broker, client } = fixture;
    client.subscribe([{ filter: "a", qos: 1 }, { filter: "b" }]);
    broker.expect("SUBSCRIBE");
    broker.send(suback(1, 1, 0));
    reconnect(fixture, {});
    broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: "a", qos: 1 }] });
    broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: "b", qos: 0 }] });
    broker.expectNothing();
  });
});

describe("3.1.2.5 to 3.1.2.9 Will, User Name and Password", () => {
  it("MQTT-3.1.2-9: with a Will, its topic and payload are there", () => {
    const bytes = connectPacket({ will: { topic: "a/b", payload: Uint8Array.of(0, 255) } });
    expect([...bytes.slice(12)]).toEqual([...hex("00 00 00 03 61 2f 62 00 02 00 ff")]);
  });

  it("MQTT-3.1.2-9: a Will without payload has one of no bytes; a prepared topic will do", () => {
    const bytes = connectPacket({ will: { topic: new Topic("a") } });
    expect(bytes[FLAGS]).toBe(0x06);
    expect([...bytes.slice(12)]).toEqual([...hex("00 00 00 01 61 00 00")]);
  });

  it("MQTT-3.1.2-11, MQTT-3.1.2-13, MQTT-3.1.2-15: without a Will no bit and no field tells of one", () => {
    for (const credentials of [{}, { username: "u", password: "p" }]) {
      const bytes = connectPacket(credentials);
      expect(bytes[FLAGS] & 0x3c).toBe(0);
      const { broker } = start(credentials);
      broker.transport.accept();
      broker.expect("CONNECT", { will: undefined });
    }
  });

  it("MQTT-3.1.2-14: Will QoS may be 0, 1 or 2", () => {
    const bits = ([0, 1, 2] as const).map((qos) => (connectPacket({ will: { ...WILL, qos } })[FLAGS] >> 3) & 3);
    expect(bits).toEqual([0, 1, 2]);
  });

  for (const qos of [3, -1, 1.5, NaN])
    it(`MQTT-3.1.2-14: refuses a Will QoS of ${qos}`, () => {
      expectRefused(() => start({ will: { ...WILL, qos: qos as QoS } }), "ERR_ARGUMENT", "will.qos");
    });

  it("MQTT-3.1.2-18, MQTT-3.1.2-20: without user name and password the payload ends with the Client Identifier", () => {
    expect(connectPacket({ clientId: "c" }).slice(12)).toEqual(hex("00 01 63"));
    expect(connectPacket({ clientId: "c" })[FLAGS] & 0xc0).toBe(0);
  });

  it("MQTT-3.1.2-19, MQTT-3.1.2-20: with a user name alone, it is there and no password is", () => {
    const bytes = connectPacket({ clientId: "c", username: "you" });
    expect(bytes[FLAGS] & 0xc0).toBe(0x80);
    expect(bytes.slice(12)).toEqual(hex("00 01 63 00 03 79 6f 75"));
  });

  it("MQTT-3.1.2-19: a user name of no characters is there too", () => {
    const bytes = connectPacket({ username: "" });
    expect(bytes[FLAGS] & 0xc0).toBe(0x80);
    expect(bytes.slice(12)).toEqual(hex("00 00 00 00"));
  });

  it("MQTT-3.1.2-21: with a password, it is there, text or bytes or empty", () => {
    expect(connectPacket({ username: "u", password: "é" }).slice(12)).toEqual(hex("00 00 00 01 75 00 02 c3 a9"));
    expect(connectPacket({ username: "u", password: hex("00 ff") }).slice(12)).toEqual(hex("00 00 00 01 75 00 02 00 ff"));
    const bytes = connectPacket({ username: "u", password: "" });
    expect(bytes[FLAGS] & 0xc0).toBe(0xc0);
    expect(bytes.slice(12)).toEqual(hex("00 00 00 01 75 00 00"));
  });

  it("MQTT-3.1.2-22: refuses a password without a user name, and does not repeat the password", () => {
    expectRefused(() => start({ password: "secret" }), "ERR_ARGUMENT", "username");
    expect(() => start({ password: "secret" })).not.toThrow(/secret/);
  });
});

describe("3.1.2.10 Keep Alive", () => {
  it("MQTT-3.1.2-23: an acknowledgement is a packet like any other", () => {
    const { broker } = connect({ keepalive: 10 });
    for (let second = 0; second < 60; second += 5) {
      broker.advance(5_000);
      broker.send(publish({ topic: "t", qos: 1, identifier: 1 }));
      broker.expect("PUBACK");
      broker.expectNothing();
    }
  });

  it("MQTT-3.1.2-23: whatever the application sends, and when, no two packets are further apart than Keep Alive", () => {
    const keepalive = 7;
    const { broker, client } = connect({ keepalive });
    let last = 0;
    let pings = 0;
    for (let step = 1; step <= 4000; step++) {
      broker.advance(50);
      if ((step * step) % 331 < 2 && step % 900 < 500) client.publish("t", "");
      for (const sent of broker.takePackets()) {
        last = broker.clock.elapsed;
        if (sent.type !== "PINGREQ") continue;
        pings++;
        broker.send("d0 00");
      }
      expect(broker.clock.elapsed - last).toBeLessThanOrEqual(keepalive * 1000);
    }
    expect(pings).toBeGreaterThan(10);
    broker.expectOpen();
  });

  it("MQTT-3.1.2-23: Keep Alive counts from CONNECT, however late CONNACK comes", () => {
    const { broker } = start({ keepalive: 10 });
    broker.transport.accept();
    broker.expect("CONNECT");
    broker.advance(8_000);
    broker.send(connack());
    broker.advance(2_000);
    broker.expect("PINGREQ");
  });

  it("MQTT-3.1.2-23: when CONNACK comes later than Keep Alive, PINGREQ follows it at once", () => {
    const { broker } = start({ keepalive: 10 });
    broker.transport.accept();
    broker.expect("CONNECT");
    broker.advance(12_000);
    broker.expectNothing();
    broker.send(connack());
    broker.expect("PINGREQ");
    broker.expectNothing();
  });
});

describe("3.1.3 Payload", () => {
  it("MQTT-3.1.3-1: the fields come in one order: identifier, Will Topic, Will Message, user name, password", () => {
    const bytes = connectPacket({ clientId: "1", will: { topic: "2", payload: "3" }, username: "4", password: "5" });
    expect(bytes.slice(12)).toEqual(hex("00 01 31 00 01 32 00 01 33 00 01 34 00 01 35"));
  });

  it("MQTT-3.1.3-2: every connection of a client has the same Client Identifier", () => {
    const { broker } = start(PERSISTENT);
    const identifiers: string[] = [];
    for (let connection = 0; connection < 3; connection++) {
      identifiers.push(broker.acceptConnection().clientId);
      broker.drop();
      broker.advance(0);
    }
    expect(identifiers).toEqual(["c", "c", "c"]);
  });

  it("MQTT-3.1.3-3: the Client Identifier is there, first of the payload, even when empty", () => {
    for (const { options } of combinations()) expect(connectPacket(options).slice(12, 15)).toEqual(hex("00 01 63"));
    expect(connectPacket({ username: "u" }).slice(12)).toEqual(hex("00 00 00 01 75"));
  });

  it("MQTT-3.1.3-4: a Client Identifier may be any text of up to 65,535 bytes, and no other", () => {
    const clientId = "é".repeat(32_767);
    const { broker } = start({ clientId, packetSize: 66_000 }, { writeLimit: 100_000 });
    broker.transport.accept();
    broker.expect("CONNECT", { clientId });
    expectRefused(() => start({ clientId: "é".repeat(32_768) }), "ERR_ARGUMENT", "clientId");
    expectRefused(() => start({ clientId: "\ud800" }), "ERR_ARGUMENT", "clientId");
    expectRefused(() => start({ clientId: "\0" }), "ERR_ARGUMENT", "clientId");
  });

  it("MQTT-3.1.3-7: refuses an empty Client Identifier unless the session is clean", () => {
    expectRefused(() => start({ clean: false, clientId: "" }), "ERR_ARGUMENT", "clientId");
    expectRefused(() => start({ clean: false }), "ERR_ARGUMENT", "clientId");
    expect(connectPacket({ clean: true, clientId: "" })[FLAGS]).toBe(0x02);
  });

  it("MQTT-3.1.3-10: the Will Topic is a Topic Name, and refused when it is not", () => {
    for (const topic of ["", "\ud800", "a\0", "a/+", "a/#", "a".repeat(65_536)])
      expectRefused(() => start({ will: { topic } }), "ERR_TOPIC");
    expect(connectPacket({ will: { topic: "é" } }).slice(14, 18)).toEqual(hex("00 02 c3 a9"));
  });

  it("MQTT-3.1.3-11: the user name is text of up to 65,535 bytes, and refused when it is not", () => {
    for (const username of ["\udfff", "a\0", "a".repeat(65_536)])
      expectRefused(() => start({ username }), "ERR_ARGUMENT", "username");
    expect(connectPacket({ username: "é" }).slice(14)).toEqual(hex("00 02 c3 a9"));
  });

  it("refuses a Will Message or a password of more than 65,535 bytes", () => {
    expectRefused(() => start({ will: { topic: "a", payload: new Uint8Array(65_536) } }), "ERR_ARGUMENT", "will.payload");
    expectRefused(() => start({ username: "u", password: new Uint8Array(65_536) }), "ERR_ARGUMENT", "password");
  });
});

describe("3.1.4 Response", () => {
  it("MQTT-3.1.4-4: counts as connected with CONNACK 0, and sends nothing but CONNECT before", () => {
    const { broker, client, events } = start();
    broker.transport.accept();
    broker.expect("CONNECT");
    client.subscribe({ filter: "a" });
    client.publish("t", "1", 1);
    expect(client.publish("t", "0")).toBe(WOULD_BLOCK);
    broker.advance(29_000);
    broker.expectNothing();
    expect(client.connected).toBe(false);
    expect(events).toEqual([]);
    broker.send(connack());
    expect(client.connected).toBe(true);
    expect(events).toEqual(["connected", "writable"]);
    broker.expect("SUBSCRIBE");
    broker.expect("PUBLISH");
    broker.expectNothing();
  });

  it("MQTT-3.1.4-4: half a CONNACK is none", () => {
    const { broker, client, events } = start();
    broker.transport.accept();
    broker.expect("CONNECT");
    broker.send("20 02 00");
    expect(client.connected).toBe(false);
    broker.send("00");
    expect(events).toEqual(["connected"]);
  });

  it("MQTT-3.1.4-4: closes the connection when no CONNACK comes in time", () => {
    const { broker, client, events } = start({ connectTimeout: 5_000 });
    broker.transport.accept();
    broker.expect("CONNECT");
    broker.advance(4_999);
    expect(broker.transport.isOpen).toBe(true);
    broker.advance(1);
    expect(events).toEqual(["disconnected ERR_CONNECT_TIMEOUT"]);
    expect(client.connected).toBe(false);
    broker.expectConnecting(2);
  });

  it("MQTT-3.1.4-4: the time for CONNACK includes that for opening the stream, and other bytes do not extend it", () => {
    const { broker, events } = start({ connectTimeout: 5_000, reconnectPeriod: 0 });
    broker.advance(3_000);
    broker.transport.accept();
    broker.expect("CONNECT");
    broker.advance(1_000);
    broker.send("20 02");
    broker.advance(1_000);
    broker.expectClosed();
    expect(events).toEqual(["disconnected ERR_CONNECT_TIMEOUT"]);
  });

  it("a client refused once tries again, and is accepted", () => {
    const { broker, events } = start();
    broker.acceptConnection({ returnCode: 3 });
    broker.advance(0);
    broker.acceptConnection();
    expect(events).toEqual(["disconnected ERR_CONNECTION_REFUSED", "connected"]);
    broker.send(publish({ topic: "t", qos: 2, identifier: 1 }));
    broker.expect("PUBREC");
    broker.send(pubrel(1));
    broker.expect("PUBCOMP");
  });
});
