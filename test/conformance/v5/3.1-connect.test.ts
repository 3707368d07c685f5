import { describe, expect, it } from "vitest";
import { Topic as PlainTopic, WOULD_BLOCK, type QoS } from "mqtt-xs";
import { Properties, Topic, type Authenticator, type ClientOptions, type Will } from "mqtt-xs/v5";
import { connack, hex, publish, pubrel, type ClientPacket } from "../../support/v5/packets.js";
import { ASSIGNED_CLIENT_IDENTIFIER } from "../../support/v5/scripted-broker.js";
import { awaitingConnack, connect, connectPacket, expectRefused, PERSISTENT, reconnect, start } from "./support.js";

/** Where the Connect Flags stand in a CONNECT of fewer than 128 bytes. */
const FLAGS = 9;

const METHOD: Authenticator = { method: "m", begin: () => undefined, challenge: () => undefined, finish: () => undefined };

const WILL = { topic: "w", payload: "gone" };

/** The CONNECT of a client with these options, as the strict reader of the tests understands it. */
function connectOf(options: Partial<ClientOptions>): ClientPacket<"CONNECT"> {
  const { broker } = start(options, { writeLimit: 200_000 });
  broker.transport.accept();
  const packet = broker.expect("CONNECT");
  broker.expectNothing();
  return packet;
}

/** Every combination of what the Connect Flags tell. */
function* combinations(): Generator<{ options: Partial<ClientOptions>; flags: number }> {
  for (const clean of [true, false])
    for (const credentials of [{}, { username: "u" }, { password: "p" }, { username: "u", password: "p" }] as const)
      for (const qos of [undefined, 0, 1, 2] as const)
        for (const retain of qos === undefined ? [false] : [false, true]) {
          const will = qos === undefined ? {} : { will: { ...WILL, qos, retain } };
          const credentialFlags = ("username" in credentials ? 0x80 : 0) | ("password" in credentials ? 0x40 : 0);
          const willFlags = qos === undefined ? 0 : 0x04 | (qos << 3) | (retain ? 0x20 : 0);
          const flags = (clean ? 2 : 0) | credentialFlags | willFlags;
          yield { options: { clientId: "c", clean, ...credentials, ...will }, flags };
        }
}

describe("3.1 CONNECT", () => {
  it("MQTT-3.1.0-2: connect() sends no second CONNECT on its way, when connected, or while waiting for the next try", () => {
    const { broker, client } = start({ clientId: "c" });
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

  it("MQTT-3.1.0-2: a CONNECT is not repeated, however long CONNACK takes, and whatever the application does meanwhile", () => {
    const { broker, client } = awaitingConnack({ keepalive: 1, connectTimeout: 60_000 });
    client.subscribe({ filter: "a" });
    client.publish("t", "", 1);
    for (let second = 0; second < 59; second++) broker.advance(1_000);
    broker.expectNothing();
    broker.expectOpen();
  });
});

describe("3.1.2 Variable header", () => {
  it("MQTT-3.1.2-1, MQTT-3.1.2-2: CONNECT begins with the protocol name MQTT and version 5", () => {
    for (const { options } of combinations())
      expect([...connectPacket(options).slice(2, FLAGS)]).toEqual([...hex("00 04 4d 51 54 54 05")]);
  });

  it("MQTT-3.1.2-1, MQTT-3.1.2-2: an unsupported version is a refusal that the application is told", () => {
    const { broker, events } = start({ reconnectPeriod: 0 });
    broker.acceptConnection({ reasonCode: 0x84 });
    broker.expectClosed();
    expect(events).toEqual(["disconnected ERR_CONNECTION_REFUSED"]);
  });

  it("MQTT-3.1.2-3: the lowest Connect Flag is never set, and the others say what is there", () => {
    for (const { options, flags } of combinations()) expect(connectPacket(options)[FLAGS]).toBe(flags);
  });

  it("3.1.2: the smallest CONNECT there is", () => {
    expect([...connectPacket()]).toEqual([...hex("10 10 00 04 4d 51 54 54 05 02 00 3c 03 21 00 40 00 00")]);
  });

  it("3.1.2: the standard's own example of a variable header (3.1.2.12), but for the Receive Maximum that is ours", () => {
    const bytes = connectPacket({
      clientId: "c",
      clean: true,
      username: "u",
      password: "p",
      will: { ...WILL, qos: 1 },
      keepalive: 10,
      sessionExpiryInterval: 10,
    });
    expect([...bytes.slice(2, 12)]).toEqual([...hex("00 04 4d 51 54 54 05 ce 00 0a")]);
  });
});

describe("3.1.2.5 to 3.1.2.7 Will", () => {
  it("MQTT-3.1.2-9: with a Will, its properties, topic and payload are there", () => {
    const bytes = connectPacket({ will: { topic: "a/b", payload: Uint8Array.of(0, 255) } });
    expect([...bytes.slice(16)]).toEqual([...hex("00 00 00 00 03 61 2f 62 00 02 00 ff")]);
    const properties = new Properties({ willDelayInterval: 5 });
    const more = connectPacket({ will: { topic: "a/b", payload: "x", properties } });
    expect([...more.slice(16)]).toEqual([...hex("00 00 05 18 00 00 00 05 00 03 61 2f 62 00 01 78")]);
  });

  it("MQTT-3.1.2-9: a Will without payload has one of no bytes; a prepared topic, of either kind, will do", () => {
    for (const topic of [new Topic("a"), new PlainTopic("a"), new Topic("a", 7)]) {
      const bytes = connectPacket({ will: { topic } });
      expect(bytes[FLAGS]).toBe(0x06);
      expect([...bytes.slice(16)]).toEqual([...hex("00 00 00 00 01 61 00 00")]);
    }
  });

  it("MQTT-3.1.2-9: a Will's payload is any bytes, or text", () => {
    for (const payload of [hex("61 00 62"), hex("ed a0 80 ff")])
      expect(connectOf({ will: { topic: "w", payload } }).will?.payload).toEqual(payload);
    expect(connectOf({ will: { topic: "w", payload: "é€" } }).will?.payload).toEqual(hex("c3 a9 e2 82 ac"));
  });

  it("MQTT-3.1.2-9: a Will's payload may have 65,535 bytes, and not one more", () => {
    const options = { packetSize: 100_000 };
    const payload = new Uint8Array(65_535).fill(7);
    expect(connectOf({ ...options, will: { topic: "w", payload } }).will?.payload).toEqual(payload);
    const tooLong = { ...options, will: { topic: "w", payload: new Uint8Array(65_536) } };
    expectRefused(() => start(tooLong, { writeLimit: 200_000 }), "ERR_ARGUMENT", "will.payload");
  });

  it("MQTT-3.1.2-11, MQTT-3.1.2-13: without a Will no bit and no field tells of one", () => {
    for (const credentials of [{}, { username: "u", password: "p" }, { password: "p" }]) {
      expect(connectPacket(credentials)[FLAGS] & 0x3c).toBe(0);
      expect(connectOf(credentials).will).toBeUndefined();
    }
  });

  it("MQTT-3.1.2-12: Will QoS may be 0, 1 or 2", () => {
    const bits = ([0, 1, 2] as const).map((qos) => (connectPacket({ will: { ...WILL, qos } })[FLAGS] >> 3) & 3);
    expect(bits).toEqual([0, 1, 2]);
    expect(connectOf({ will: WILL }).will?.qos).toBe(0);
  });

  for (const qos of [3, -1, 1.5, NaN, Infinity, "1", true])
    it(`MQTT-3.1.2-12: refuses a Will QoS of ${JSON.stringify(qos)} (${typeof qos})`, () => {
      expectRefused(() => start({ will: { ...WILL, qos: qos as QoS } }), "ERR_ARGUMENT", "will.qos");
    });

  it("MQTT-3.1.2-13: Will Retain is what the option says, and not set unless it is", () => {
    expect(connectOf({ will: { ...WILL, retain: true } }).will?.retain).toBe(true);
    expect(connectOf({ will: { ...WILL, retain: false } }).will?.retain).toBe(false);
    expect(connectOf({ will: WILL }).will?.retain).toBe(false);
  });
});

describe("3.1.3.2 Will Properties", () => {
  const EACH = {
    willDelayInterval: [0, 1, 255, 256, 65_536, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff],
    messageExpiryInterval: [0, 1, 255, 256, 65_536, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff],
    contentType: ["", "text/plain", "é€😀"],
    responseTopic: ["a", "a/b", "é"],
  } as const;
  for (const [name, values] of Object.entries(EACH))
    it(`3.1.3.2: a Will has the ${name} that it was given, and nothing else`, () => {
      for (const value of values) {
        const properties = new Properties({ [name]: value });
        expect(connectOf({ clientId: "c", will: { ...WILL, properties } }).will?.properties).toStrictEqual({ [name]: value });
      }
    });

  it("3.1.3.2: a Will says whether its payload is text", () => {
    for (const payloadFormatIndicator of [true, false]) {
      const properties = new Properties({ payloadFormatIndicator });
      expect(connectOf({ will: { ...WILL, properties } }).will?.properties).toStrictEqual({
        payloadFormatIndicator: Number(payloadFormatIndicator),
      });
    }
  });

  it("3.1.3.2: a Will has the correlation data that it was given, which may be empty", () => {
    for (const correlationData of [hex(""), hex("00"), hex("ff 00 ed a0 80")]) {
      const properties = new Properties({ correlationData });
      expect(connectOf({ will: { ...WILL, properties } }).will?.properties).toStrictEqual({ correlationData });
    }
  });

  it("3.1.3.2: a Will has the user properties that it was given, in their order", () => {
    const userProperties = [["b", "1"], ["a", "2"], ["b", "1"], ["", ""]] as const;
    const properties = new Properties({ userProperties });
    expect(connectOf({ will: { ...WILL, properties } }).will?.properties).toStrictEqual({ userProperties });
  });

  it("3.1.3.2: a Will has all of them together, on every connection", () => {
    const will: Will = {
      topic: "w",
      payload: "x",
      qos: 2,
      retain: true,
      properties: new Properties({
        willDelayInterval: 30,
        payloadFormatIndicator: true,
        messageExpiryInterval: 60,
        contentType: "c",
        responseTopic: "r",
        correlationData: hex("01 02"),
        userProperties: { n: "v" },
      }),
    };
    const { broker } = start({ clientId: "c", clean: false, will });
    for (let connection = 0; connection < 3; connection++) {
      const sent = broker.acceptConnection({ sessionPresent: connection > 0 });
      expect(sent.will).toStrictEqual({
        topic: "w",
        payload: hex("78"),
        qos: 2,
        retain: true,
        properties: {
          willDelayInterval: 30,
          payloadFormatIndicator: 1,
          messageExpiryInterval: 60,
          contentType: "c",
          responseTopic: "r",
          correlationData: hex("01 02"),
          userProperties: [["n", "v"]],
        },
      });
      expect(sent.properties).toStrictEqual({ sessionExpiryInterval: 0xffff_ffff, receiveMaximum: 64 });
      broker.drop();
      broker.advance(0);
    }
  });

  const MISPLACED = {
    "a Subscription Identifier": new Properties({ subscriptionIdentifier: 1 }),
    "a Session Expiry Interval": new Properties({ sessionExpiryInterval: 1 }),
    "a Session Expiry Interval of 0": new Properties({ sessionExpiryInterval: 0 }),
    "a Reason String": new Properties({ reasonString: "" }),
    "a Reason String among others": new Properties({ willDelayInterval: 1, reasonString: "a", userProperties: { a: "b" } }),
  };
  for (const [what, properties] of Object.entries(MISPLACED))
    it(`3.1.3.2: refuses ${what} in a Will`, () => {
      expectRefused(() => start({ will: { ...WILL, properties } }), "ERR_ARGUMENT", "will.properties");
    });

  it("3.1.3.2: refuses properties of a Will that were not prepared", () => {
    for (const properties of [{ willDelayInterval: 5 }, {}, "a", 5, true])
      expectRefused(() => start({ will: { ...WILL, properties: properties as Properties } }), "ERR_ARGUMENT", "will.properties");
  });

  it("3.1.3.2: a Will Delay Interval belongs in a Will, and not in a PUBLISH or other packets", () => {
    const { broker, client } = connect();
    const properties = new Properties({ willDelayInterval: 5 });
    expectRefused(() => client.publish("t", "", 0, false, properties), "ERR_ARGUMENT", "properties");
    expectRefused(() => client.publish("t", "", 1, false, properties), "ERR_ARGUMENT", "properties");
    expectRefused(() => client.subscribe({ filter: "a" }, undefined, properties), "ERR_ARGUMENT", "properties");
    expectRefused(() => client.unsubscribe("a", undefined, properties), "ERR_ARGUMENT", "properties");
    expectRefused(() => client.close(0, properties), "ERR_ARGUMENT", "properties");
    broker.expectNothing();
    broker.expectOpen();
  });
});

describe("3.1.2.8 and 3.1.2.9 User Name and Password", () => {
  it("MQTT-3.1.2-16, MQTT-3.1.2-18: without user name and password the payload ends with the Client Identifier", () => {
    const bytes = connectPacket({ clientId: "c" });
    expect([...bytes.slice(16)]).toEqual([...hex("00 01 63")]);
    expect(bytes[FLAGS] & 0xc0).toBe(0);
  });

  it("MQTT-3.1.2-17, MQTT-3.1.2-18: with a user name alone, it is there and no password is", () => {
    const bytes = connectPacket({ clientId: "c", username: "you" });
    expect(bytes[FLAGS] & 0xc0).toBe(0x80);
    expect([...bytes.slice(16)]).toEqual([...hex("00 01 63 00 03 79 6f 75")]);
  });

  it("MQTT-3.1.2-17: a user name of no characters is there too", () => {
    const bytes = connectPacket({ username: "" });
    expect(bytes[FLAGS] & 0xc0).toBe(0x80);
    expect([...bytes.slice(16)]).toEqual([...hex("00 00 00 00")]);
  });

  it("MQTT-3.1.2-16, MQTT-3.1.2-19: with a password alone, it is there and no user name is", () => {
    const fields = [["é", "00 02 c3 a9"], ["", "00 00"], [hex("00 ff"), "00 02 00 ff"], [hex(""), "00 00"]] as const;
    for (const [password, field] of fields) {
      const bytes = connectPacket({ clientId: "c", password });
      expect(bytes[FLAGS] & 0xc0).toBe(0x40);
      expect([...bytes.slice(16)]).toEqual([...hex(`00 01 63 ${field}`)]);
    }
  });

  it("MQTT-3.1.2-19: with both, both are there, text or bytes or empty", () => {
    for (const [password, field] of [["é", "00 02 c3 a9"], [hex("00 ff"), "00 02 00 ff"], ["", "00 00"]] as const) {
      const bytes = connectPacket({ username: "u", password });
      expect(bytes[FLAGS] & 0xc0).toBe(0xc0);
      expect([...bytes.slice(16)]).toEqual([...hex(`00 00 00 01 75 ${field}`)]);
    }
  });

  it("MQTT-3.1.2-19: a password is any bytes", () => {
    for (const password of [hex("61 00 62"), hex("ed a0 80 ff")]) expect(connectOf({ password }).password).toEqual(password);
  });

  it("MQTT-3.1.2-19: user name and password may have 65,535 bytes, and not one more", () => {
    const text = "é".repeat(32_767) + "a";
    const options = { packetSize: 100_000 };
    expect(connectOf({ ...options, username: text }).username).toBe(text);
    expect(connectOf({ ...options, password: text }).password).toHaveLength(65_535);
    expect(connectOf({ ...options, password: new Uint8Array(65_535) }).password).toHaveLength(65_535);
    const tooLong = { username: [`${text}a`], password: [`${text}a`, new Uint8Array(65_536)] };
    for (const [name, values] of Object.entries(tooLong))
      for (const value of values)
        expectRefused(() => start({ ...options, [name]: value }, { writeLimit: 100_000 }), "ERR_ARGUMENT", name);
  });

  it("3.1.2.9: credentials are the same on every connection", () => {
    const { broker } = start({ clientId: "c", username: "u", password: "p" });
    for (let connection = 0; connection < 3; connection++) {
      expect(broker.acceptConnection()).toMatchObject({ username: "u", password: hex("70") });
      broker.drop();
      broker.advance(0);
    }
  });
});

describe("3.1.2.10 Keep Alive", () => {
  for (const [keepalive, bytes] of [[0, "00 00"], [1, "00 01"], [255, "00 ff"], [256, "01 00"], [65_535, "ff ff"]] as const)
    it(`MQTT-3.1.2-20: announces a Keep Alive of ${keepalive} s`, () => {
      expect([...connectPacket({ keepalive }).slice(FLAGS + 1, FLAGS + 3)]).toEqual([...hex(bytes)]);
    });

  it("MQTT-3.1.2-20: an acknowledgement, with a reason code or without, is a packet like any other", () => {
    for (const reasonCode of [0, 0x87]) {
      const { broker } = connect({ keepalive: 10, onMessage: (message) => (message.reasonCode = reasonCode) });
      for (let second = 0; second < 60; second += 5) {
        broker.advance(5_000);
        broker.send(publish({ topic: "t", qos: 1, identifier: 1 }));
        broker.expect("PUBACK", { reasonCode });
        broker.expectNothing();
      }
    }
  });

  it("MQTT-3.1.2-20: whatever the application sends, and when, no two packets are further apart than Keep Alive", () => {
    for (const [keepalive, answer] of [[7, {}], [60, { properties: [["serverKeepAlive", 7]] }]] as const) {
      const { broker, client } = connect({ keepalive }, {}, answer);
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
        expect(broker.clock.elapsed - last).toBeLessThanOrEqual(7_000);
      }
      expect(pings).toBeGreaterThan(10);
      broker.expectOpen();
    }
  });

  it("MQTT-3.1.2-20: Keep Alive counts from CONNECT, however late CONNACK comes", () => {
    const { broker } = awaitingConnack({ clientId: "c", keepalive: 10 });
    broker.advance(8_000);
    broker.send(connack());
    broker.advance(2_000);
    broker.expect("PINGREQ");
  });

  it("MQTT-3.1.2-20: when CONNACK comes later than Keep Alive, PINGREQ follows it at once", () => {
    const { broker } = awaitingConnack({ clientId: "c", keepalive: 10 });
    broker.advance(12_000);
    broker.expectNothing();
    broker.send(connack());
    broker.expect("PINGREQ");
    broker.expectNothing();
  });

  it("3.1.2.10: closes when the server does not answer a PINGREQ, by 1.5 times Keep Alive", () => {
    const { broker, events } = connect({ keepalive: 10, reconnectPeriod: 0 });
    broker.advance(9_999);
    broker.expect("PINGREQ");
    broker.advance(5_001);
    broker.transport.takeSent();
    expect(broker.transport.isOpen).toBe(false);
    expect(events).toEqual(["disconnected ERR_KEEPALIVE_TIMEOUT"]);
  });
});

describe("3.1.3 Payload", () => {
  it("MQTT-3.1.3-1: the fields come in one order: identifier, Will Properties, Topic, Payload, user name, password", () => {
    const will = { topic: "2", payload: "3", properties: new Properties({ contentType: "0" }) };
    const bytes = connectPacket({ clientId: "1", will, username: "4", password: "5" });
    expect([...bytes.slice(16)]).toEqual([...hex("00 01 31 04 03 00 01 30 00 01 32 00 01 33 00 01 34 00 01 35")]);
  });

  it("MQTT-3.1.3-1: the order is the same whatever of them is missing", () => {
    for (const { options } of combinations()) {
      const { clientId, will, username, password } = connectOf(options);
      expect(clientId).toBe("c");
      expect(will?.topic).toBe(options.will === undefined ? undefined : "w");
      expect(username).toBe(options.username);
      expect(password).toEqual(options.password === undefined ? undefined : hex("70"));
    }
  });

  it("MQTT-3.1.3-2: every connection of a client has the same Client Identifier", () => {
    const { broker, client } = start(PERSISTENT);
    expect(client.clientId).toBe("c");
    const identifiers: string[] = [];
    for (let connection = 0; connection < 3; connection++) {
      identifiers.push(broker.acceptConnection().clientId);
      broker.drop();
      broker.advance(0);
    }
    expect(identifiers).toEqual(["c", "c", "c"]);
    expect(client.clientId).toBe("c");
  });

  it("MQTT-3.1.3-2: two clients hold nothing of each other's state", () => {
    const one = connect({ clean: false, clientId: "1" });
    const other = connect({ clean: false, clientId: "2" });
    one.client.publish("t", "of one", 1);
    one.broker.transport.takeSent();
    reconnect(other, { sessionPresent: true });
    other.broker.expectNothing();
    reconnect(one, { sessionPresent: true });
    one.broker.expect("PUBLISH", { payload: "of one", dup: true });
  });

  it("MQTT-3.1.3-3: the Client Identifier is there, first of the payload, even when empty", () => {
    for (const { options } of combinations()) {
      const bytes = connectPacket(options);
      expect([...bytes.slice(13 + bytes[12], 16 + bytes[12])]).toEqual([...hex("00 01 63")]);
    }
    expect([...connectPacket({ username: "u" }).slice(16)]).toEqual([...hex("00 00 00 01 75")]);
  });

  it("MQTT-3.1.3-4: a Client Identifier may be any text of up to 65,535 bytes, and no other", () => {
    const clientId = "é".repeat(32_767) + "a";
    expect(connectOf({ clientId, packetSize: 66_000 }).clientId).toBe(clientId);
    for (const bad of [`${clientId}a`, "é".repeat(32_768), "\ud800", "\udc00", "a\0", "\0"])
      expectRefused(() => start({ clientId: bad, packetSize: 66_000 }, { writeLimit: 66_000 }), "ERR_ARGUMENT", "clientId");
  });

  it("MQTT-3.1.3-7: an empty Client Identifier may be sent whether the session is clean or not", () => {
    for (const clean of [true, false])
      for (const clientId of [{}, { clientId: "" }]) {
        const sent = connectOf({ clean, ...clientId });
        expect([sent.clientId, sent.cleanStart]).toEqual(["", clean]);
      }
  });

  it("MQTT-3.1.3-7: the Assigned Client Identifier is the client's from then on, on every connection", () => {
    for (const clean of [true, false]) {
      const { broker, client } = start({ clean });
      expect(client.clientId).toBe("");
      expect(broker.acceptConnection().clientId).toBe("");
      expect(client.clientId).toBe(ASSIGNED_CLIENT_IDENTIFIER);
      for (let connection = 0; connection < 3; connection++) {
        broker.drop();
        broker.advance(0);
        expect(broker.acceptConnection({ sessionPresent: !clean }).clientId).toBe(ASSIGNED_CLIENT_IDENTIFIER);
        expect(client.clientId).toBe(ASSIGNED_CLIENT_IDENTIFIER);
      }
    }
  });

  it("MQTT-3.1.3-7: the Assigned Client Identifier outlives close() and connect()", () => {
    const { broker, client } = connect({ clean: false });
    client.close();
    broker.expect("DISCONNECT");
    expect(client.clientId).toBe(ASSIGNED_CLIENT_IDENTIFIER);
    client.connect();
    expect(broker.acceptConnection({ sessionPresent: true }).clientId).toBe(ASSIGNED_CLIENT_IDENTIFIER);
    expect(client.connected).toBe(true);
  });

  it("MQTT-3.1.3-7: an identifier of any characters, and of as many bytes as there is room for, is adopted as it is", () => {
    for (const assigned of ["é€😀", "a".repeat(400), "\ufeff", " "]) {
      const { broker, client } = start({ clean: false });
      broker.acceptConnection({ properties: [["assignedClientIdentifier", assigned]] });
      expect(client.clientId).toBe(assigned);
      broker.drop();
      broker.advance(0);
      expect(broker.acceptConnection().clientId).toBe(assigned);
    }
  });

  it("MQTT-3.1.3-7: an identifier comes with a refusal, or with a broken CONNACK, to no effect", () => {
    for (const answer of [
      connack({ reasonCode: 0x88, properties: [["assignedClientIdentifier", "x"]] }),
      connack({ properties: [["assignedClientIdentifier", "x"], ["receiveMaximum", 0]] }),
    ]) {
      const { broker, client } = awaitingConnack({ clean: false });
      broker.send(answer);
      expect(client.clientId).toBe("");
      broker.transport.takeSent();
      broker.advance(0);
      expect(broker.acceptConnection().clientId).toBe("");
      expect(client.clientId).toBe(ASSIGNED_CLIENT_IDENTIFIER);
    }
  });

  it("MQTT-3.1.3-7: an identifier that the next CONNECT has no room for ends in an error that the application is told", () => {
    const errors: unknown[] = [];
    const { broker, client } = start({
      clean: false,
      packetSize: 64,
      username: "a user name of 25 letters",
      onDisconnect: (error) => errors.push(error?.code),
    });
    broker.acceptConnection({ properties: [["assignedClientIdentifier", "x".repeat(40)]] });
    if (client.connected) broker.drop();
    broker.transport.takeSent();
    for (let attempt = 0; attempt < 3; attempt++) {
      broker.advance(60_000);
      if (!broker.transport.isOpening) break;
      broker.transport.accept(); // must not throw into the host
      broker.transport.takeSent();
    }
    expect(errors.filter((code) => code === "ERR_PACKET_SIZE" || code === "ERR_RECEIVE_SIZE").length).toBeGreaterThan(0);
  });

  it("MQTT-3.1.3-11: the Will Topic is a Topic Name, and refused when it is not", () => {
    for (const topic of ["", "\ud800", "a\0", "a/+", "a/#", "a".repeat(65_536)])
      expectRefused(() => start({ will: { topic } }), "ERR_TOPIC");
    expect(connectOf({ will: { topic: "é" } }).will?.topic).toBe("é");
  });

  it("MQTT-3.1.3-12: the user name is text of up to 65,535 bytes, and refused when it is not", () => {
    for (const username of ["\udfff", "a\0", "a".repeat(65_536)])
      expectRefused(() => start({ username }), "ERR_ARGUMENT", "username");
    expect(connectOf({ username: "é" }).username).toBe("é");
  });

  it("3.1.3: a CONNECT that does not fit packetSize is refused by the constructor", () => {
    expectRefused(() => start({ clientId: "c".repeat(32), packetSize: 32 }), "ERR_PACKET_SIZE");
    expectRefused(() => start({ will: { topic: "w", payload: new Uint8Array(600) } }), "ERR_PACKET_SIZE");
    expectRefused(() => start({ userProperties: { a: "b".repeat(600) } }), "ERR_PACKET_SIZE");
    const properties = new Properties({ contentType: "c".repeat(600) });
    expectRefused(() => start({ will: { topic: "w", properties } }), "ERR_PACKET_SIZE");
  });
});

describe("3.1.4 Actions", () => {
  it("MQTT-3.1.4-5: counts as connected with CONNACK 0, and sends nothing but CONNECT before", () => {
    const { broker, client, events } = awaitingConnack({ clientId: "c" });
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

  it("MQTT-3.1.4-5: part of a CONNACK is none", () => {
    const answer = connack({ properties: [["receiveMaximum", 5], ["reasonString", "welcome"]] });
    for (let cut = 1; cut < answer.length; cut++) {
      const { broker, client, events } = awaitingConnack({ clientId: "c" });
      broker.send(answer.slice(0, cut));
      expect(client.connected).toBe(false);
      expect(events).toEqual([]);
      broker.send(answer.slice(cut));
      expect(events).toEqual(["connected"]);
    }
  });

  it("MQTT-3.1.4-5: closes the connection when no CONNACK comes in time", () => {
    const { broker, client, events } = awaitingConnack({ connectTimeout: 5_000 });
    broker.advance(4_999);
    expect(broker.transport.isOpen).toBe(true);
    broker.advance(1);
    expect(events).toEqual(["disconnected ERR_CONNECT_TIMEOUT"]);
    expect(client.connected).toBe(false);
    broker.expectConnecting(2);
  });

  it("MQTT-3.1.4-5: the time for CONNACK includes that for opening the stream, and other bytes do not extend it", () => {
    const { broker, events } = start({ connectTimeout: 5_000, reconnectPeriod: 0 });
    broker.advance(3_000);
    broker.transport.accept();
    broker.expect("CONNECT");
    broker.advance(1_000);
    broker.send("20 03");
    broker.advance(1_000);
    broker.expectClosed();
    expect(events).toEqual(["disconnected ERR_CONNECT_TIMEOUT"]);
  });

  it("MQTT-3.1.4-5: an authentication that goes on and on does not extend it either", () => {
    const authenticator: Authenticator = { ...METHOD, challenge: (_, answer) => answer() };
    const { broker, events } = awaitingConnack({ authenticator, connectTimeout: 5_000, reconnectPeriod: 0 });
    for (let second = 1; second <= 5; second++) {
      broker.send("f0 06 18 04 15 00 01 6d");
      broker.expect("AUTH", { reasonCode: 0x18 });
      broker.advance(1_000);
    }
    broker.expectClosed();
    expect(events).toEqual(["disconnected ERR_CONNECT_TIMEOUT"]);
  });

  it("3.1.4: a client refused once tries again, and is accepted", () => {
    const { broker, events } = start();
    broker.acceptConnection({ reasonCode: 0x88 });
    broker.advance(0);
    broker.acceptConnection();
    expect(events).toEqual(["disconnected ERR_CONNECTION_REFUSED", "connected"]);
    broker.send(publish({ topic: "t", qos: 2, identifier: 1 }));
    broker.expect("PUBREC");
    broker.send(pubrel(1));
    broker.expect("PUBCOMP", { reasonCode: 0 });
  });

  it("3.1.4: another connection with the same Client Identifier ends this one, as the server says", () => {
    const { broker, events } = connect({ ...PERSISTENT, reconnectPeriod: 0 });
    broker.send("e0 01 8e");
    broker.expectClosed();
    expect(events).toEqual(["disconnected ERR_DISCONNECTED"]);
  });
});
