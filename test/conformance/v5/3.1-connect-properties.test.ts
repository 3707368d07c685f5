import { describe, expect, it } from "vitest";
import { Properties, type Authenticator, type ClientOptions } from "mqtt-xs/v5";
import {
  auth,
  concat,
  connack,
  disconnect,
  hex,
  packet,
  properties,
  puback,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  suback,
  unsuback,
  type ClientPacket,
  type Property,
} from "../../support/v5/packets.js";
import { awaitingConnack, connect, expectClosedBy, expectNotConnectedBy, start, type Fixture } from "./support.js";

const METHOD: Authenticator = { method: "m", begin: () => undefined, challenge: () => undefined, finish: () => undefined };

const NAMED = { clientId: "c" } as const;

type Sent = ClientPacket<"CONNECT">["properties"];

/** The properties of the CONNECT that a client with these options sends. */
function propertiesOf(options: Partial<ClientOptions>): Sent {
  const { broker } = start(options, { writeLimit: 100_000 });
  broker.transport.accept();
  return broker.expect("CONNECT").properties;
}

describe("3.1.2.11 CONNECT Properties", () => {
  it("3.1.2.11: by default there is nothing but the Receive Maximum, and the Session Expiry Interval without clean", () => {
    expect(propertiesOf({})).toStrictEqual({ receiveMaximum: 64 });
    expect(propertiesOf({ clean: true, clientId: "c", username: "u", password: "p" })).toStrictEqual({ receiveMaximum: 64 });
    expect(propertiesOf({ clean: false })).toStrictEqual({ sessionExpiryInterval: 0xffff_ffff, receiveMaximum: 64 });
  });

  it("3.1.2.11: options that are undefined are as good as left out", () => {
    const names = [
      "sessionExpiryInterval",
      "maximumPacketSize",
      "receiveMaximum",
      "topicAliasMaximum",
      "topicAliasSize",
      "topicAliases",
      "requestResponseInformation",
      "requestProblemInformation",
      "userProperties",
      "authenticator",
      "will",
      "username",
      "password",
      "clientId",
      "protocolVersion",
    ];
    const options = Object.fromEntries(names.map((name) => [name, undefined]));
    const { broker } = start(options);
    broker.transport.accept();
    broker.expectBytes("10 10 00 04 4d 51 54 54 05 02 00 3c 03 21 00 40 00 00");
  });

  it("3.1.2.11: all of them together, each as the option says, and nothing besides", () => {
    const begun = hex("01 02");
    const options: Partial<ClientOptions> = {
      clientId: "c",
      sessionExpiryInterval: 10,
      receiveMaximum: 5,
      maximumPacketSize: 4_000,
      topicAliasMaximum: 3,
      requestResponseInformation: true,
      requestProblemInformation: false,
      userProperties: { a: "b", c: ["d", "e"] },
      authenticator: { ...METHOD, begin: () => begun },
    };
    expect(propertiesOf(options)).toStrictEqual({
      sessionExpiryInterval: 10,
      receiveMaximum: 5,
      maximumPacketSize: 4_000,
      topicAliasMaximum: 3,
      requestResponseInformation: 1,
      requestProblemInformation: 0,
      userProperties: [["a", "b"], ["c", "d"], ["c", "e"]],
      authenticationMethod: "m",
      authenticationData: begun,
    });
  });

  it("3.1.2.11: they are the same on every connection", () => {
    const { broker } = start({
      ...NAMED,
      sessionExpiryInterval: 10,
      maximumPacketSize: 4_000,
      topicAliasMaximum: 3,
      requestResponseInformation: true,
      userProperties: { a: "b" },
    });
    const first = broker.acceptConnection().properties;
    for (let connection = 0; connection < 3; connection++) {
      broker.drop();
      broker.advance(0);
      expect(broker.acceptConnection().properties).toStrictEqual(first);
    }
  });

  const NUMBERS = {
    receiveMaximum: [1, 2, 127, 128, 255, 256, 65_534],
    maximumPacketSize: [32, 33, 127, 128, 255, 256, 65_535, 65_536, 16_777_216, 268_435_459, 268_435_460],
    topicAliasMaximum: [1, 255, 256, 65_535],
  } as const;
  for (const [name, values] of Object.entries(NUMBERS))
    for (const value of values)
      it(`3.1.2.11: announces ${name} ${value}`, () => {
        const sent = propertiesOf({ [name]: value, topicAliasSize: 1 });
        expect(sent).toMatchObject({ [name]: value });
        expect(Object.keys(sent).toSorted()).toEqual([...new Set(["receiveMaximum", name])].toSorted());
      });

  it("3.1.2.11.3: a Receive Maximum of 65,535 is announced, or left out, which means the same", () => {
    expect(propertiesOf({ receiveMaximum: 65_535 }).receiveMaximum ?? 65_535).toBe(65_535);
  });

  it("3.1.2.11.5: a Topic Alias Maximum of 0 is left out, or announced, which means the same", () => {
    expect(propertiesOf({ topicAliasMaximum: 0 }).topicAliasMaximum ?? 0).toBe(0);
  });

  it("3.1.2.11.6, 3.1.2.11.7: what is asked of the server is what the options say", () => {
    for (const value of [true, false]) {
      expect(propertiesOf({ requestResponseInformation: value }).requestResponseInformation ?? 0).toBe(Number(value));
      expect(propertiesOf({ requestProblemInformation: value }).requestProblemInformation ?? 1).toBe(Number(value));
    }
  });

  it("3.1.2.11.8: user properties go out in their order, names again and again, and empty ones too", () => {
    const userProperties = [["b", "1"], ["a", "2"], ["b", "1"], ["", ""], ["é", "😀"]] as const;
    expect(propertiesOf({ userProperties }).userProperties).toStrictEqual(userProperties);
    expect(propertiesOf({ userProperties: {} })).toStrictEqual({ receiveMaximum: 64 });
    expect(propertiesOf({ userProperties: [] })).toStrictEqual({ receiveMaximum: 64 });
    expect(propertiesOf({ userProperties: { a: ["1", "2"], b: [] } }).userProperties).toStrictEqual([["a", "1"], ["a", "2"]]);
  });

  it("3.1.2.11.9, 3.1.2.11.10: with an authenticator there is its method, and its data where it has any, empty or not", () => {
    expect(propertiesOf({ authenticator: METHOD })).toStrictEqual({ receiveMaximum: 64, authenticationMethod: "m" });
    for (const data of [hex(""), hex("00"), new Uint8Array(300)])
      expect(propertiesOf({ authenticator: { ...METHOD, begin: () => data } }).authenticationData).toEqual(data);
  });

  it("3.1.2.11.10: the authenticator begins anew with every CONNECT, and not before", () => {
    let begun = 0;
    const authenticator: Authenticator = { ...METHOD, begin: () => Uint8Array.of(++begun) };
    const { broker } = start({ ...NAMED, authenticator });
    expect(begun).toBe(0);
    for (let connection = 1; connection <= 3; connection++) {
      const sent = broker.acceptConnection({ properties: [["authenticationMethod", "m"]] });
      expect(sent.properties.authenticationData).toEqual(Uint8Array.of(connection));
      broker.drop();
      broker.advance(0);
    }
  });
});

describe("3.1.2.11.4 Maximum Packet Size", () => {
  /** A PUBLISH of so many bytes. */
  function publishOf(size: number, qos: 0 | 1 | 2 = 0): Uint8Array {
    return publish({ topic: "t", qos, identifier: 1, payload: new Uint8Array(size - headOf(size, qos)) });
  }

  /** Bytes ahead of its payload. */
  function headOf(size: number, qos: 0 | 1 | 2): number {
    return (size < 0x82 ? 2 : 3) + (qos > 0 ? 6 : 4);
  }

  /** A property that takes so many bytes. */
  function filling(size: number): Property {
    return ["reasonString", "a".repeat(size - 3)];
  }

  for (const [size, packetSize] of [[64, 512], [64, 64], [64, 32], [127, 512], [512, 512], [513, 512], [1_000, 512]] as const)
    for (const qos of [0, 1, 2] as const)
      it(`MQTT-3.1.2-24: ${size} bytes, packetSize ${packetSize}: takes a PUBLISH with QoS ${qos} of as many, no more`, () => {
        const options = { maximumPacketSize: size, packetSize };
        let taken = 0;
        const { broker } = connect({ ...options, onMessage: (message) => (taken += message.payload.length) });
        const fits = publishOf(size, qos);
        expect(fits).toHaveLength(size);
        broker.send(fits);
        broker.transport.takeSent();
        if (qos === 2) broker.send(pubrel(1));
        broker.transport.takeSent();
        broker.sendByteByByte(fits);
        broker.expectOpen();
        expect(taken).toBe(2 * (size - headOf(size, qos)));
        expectClosedBy(publishOf(size + 1, qos), "ERR_PROTOCOL", 0x95, options);
      });

  it("MQTT-3.1.2-24: closes once the length is known, before the packet has come, and tells nothing of it", () => {
    for (const first of ["30", "32", "34", "40", "50", "62", "70", "90", "b0", "e0"])
      for (const length of ["3f", "7f", "80 01", "ff ff ff 7f"]) {
        const { broker, events } = connect({ maximumPacketSize: 64, reconnectPeriod: 0 });
        broker.send(`${first} ${length}`);
        broker.expectBytes("e0 01 95");
        broker.expectClosed();
        expect(events).toEqual(["disconnected ERR_PROTOCOL"]);
      }
  });

  it("MQTT-3.1.2-24: of 127, 128 and 129 bytes, where the length takes another byte", () => {
    for (const size of [128, 129, 130, 131]) {
      const options = { maximumPacketSize: size };
      const lengths = [...Array(10).keys()].map((extra) => publish({ topic: "t", payload: new Uint8Array(119 + extra) }));
      for (const bytes of lengths)
        if (bytes.length > size) expectClosedBy(bytes, "ERR_PROTOCOL", 0x95, options);
        else {
          const { broker, events } = connect(options);
          broker.send(bytes);
          broker.sendByteByByte(bytes);
          broker.expectOpen();
          expect(events).toHaveLength(2);
        }
    }
  });

  const PACKETS: Record<string, (property: Property) => Uint8Array> = {
    PUBACK: (property) => puback(1, 0, [property]),
    PUBREC: (property) => pubrec(1, 0x87, [property]),
    PUBREL: (property) => pubrel(1, 0, [property]),
    PUBCOMP: (property) => pubcomp(1, 0, [property]),
    SUBACK: (property) => suback(1, 0, [property]),
    UNSUBACK: (property) => unsuback(1, 0, [property]),
  };
  for (const [name, put] of Object.entries(PACKETS))
    it(`MQTT-3.1.2-24: takes ${name} of as many bytes, and closes on one more`, () => {
      const overhead = put(filling(10)).length - 10;
      const fits = put(filling(64 - overhead));
      expect(fits).toHaveLength(64);
      const { broker } = connect({ maximumPacketSize: 64 });
      broker.send(fits);
      broker.sendByteByByte(fits);
      broker.expectOpen();
      expectClosedBy(put(filling(65 - overhead)), "ERR_PROTOCOL", 0x95, { maximumPacketSize: 64 });
    });

  it("MQTT-3.1.2-24: a DISCONNECT that is too large is answered, unlike one that is not", () => {
    const put = (size: number): Uint8Array => disconnect(0x80, [filling(size)]);
    const overhead = put(10).length - 10;
    expectClosedBy(put(64 - overhead), "ERR_DISCONNECTED", undefined, { maximumPacketSize: 64 });
    expectClosedBy(put(65 - overhead), "ERR_PROTOCOL", 0x95, { maximumPacketSize: 64 });
  });

  it("MQTT-3.1.2-24: an AUTH that is too large ends the attempt", () => {
    const put = (size: number): Uint8Array => auth(0x18, [["authenticationMethod", "m"], filling(size)]);
    const overhead = put(10).length - 10;
    const options = { ...NAMED, authenticator: METHOD, maximumPacketSize: 64 };
    const { broker } = awaitingConnack(options);
    broker.send(put(64 - overhead));
    broker.expectOpen();
    expectNotConnectedBy(put(65 - overhead), "ERR_PROTOCOL", 0x95, options);
  });

  it("MQTT-3.1.2-24: the error says what was too large, and 0x95", () => {
    const errors: unknown[] = [];
    const { broker } = connect({ maximumPacketSize: 64, reconnectPeriod: 0, onDisconnect: (error) => errors.push(error) });
    broker.send(publishOf(65));
    expect(errors).toEqual([
      expect.objectContaining({
        code: "ERR_PROTOCOL",
        fault: "server",
        reasonCode: 0x95,
        message: expect.stringContaining("maximumPacketSize") as string,
      }),
    ]);
  });

  it("3.1.2.11.4: without one, a PUBLISH of any size is taken, in pieces", () => {
    let taken = 0;
    const { broker } = connect({ onMessage: (message) => (taken += message.payload.length) });
    broker.send(publishOf(5_000));
    expect(taken).toBe(5_000 - 3 - 4);
    broker.expectOpen();
  });
});

describe("3.1.2.11.5 Topic Alias Maximum", () => {
  for (const topicAliasMaximum of [undefined, 0, 1, 10, 65_534])
    it(`MQTT-3.1.2-26, MQTT-3.1.2-27: with ${topicAliasMaximum ?? "none"} announced, closes on any alias above, and on 0`, () => {
      const limit = topicAliasMaximum ?? 0;
      const options = topicAliasMaximum === undefined ? {} : { topicAliasMaximum, topicAliasSize: 8 };
      const tooLarge = [...new Set([0, limit + 1, 256, 65_535])].filter((alias) => alias === 0 || alias > limit);
      for (const alias of tooLarge)
        for (const qos of [0, 1, 2] as const)
          for (const topic of ["t", ""]) {
            const violation = publish({ topic, qos, identifier: 1, properties: [["topicAlias", alias]] });
            expectClosedBy(violation, "ERR_PROTOCOL", 0x94, options);
          }
    });

  it("MQTT-3.1.2-26: takes every alias up to the maximum", () => {
    const { broker, events } = connect({ topicAliasMaximum: 10, topicAliasSize: 8 });
    for (let alias = 1; alias <= 10; alias++) broker.send(publish({ topic: `t${alias}`, properties: [["topicAlias", alias]] }));
    for (let alias = 1; alias <= 10; alias++)
      broker.send(publish({ topic: "", payload: "again", properties: [["topicAlias", alias]] }));
    expect(events.slice(10)).toEqual(Array.from({ length: 10 }, (_, index) => `message t${index + 1}: again`));
    broker.expectOpen();
  });

  it("MQTT-3.1.2-26: takes the largest alias that there is", () => {
    const { broker, events } = connect({ topicAliasMaximum: 65_535, topicAliasSize: 8 });
    broker.send(publish({ topic: "t", properties: [["topicAlias", 65_535]] }));
    broker.send(publish({ topic: "", payload: "again", properties: [["topicAlias", 65_535]] }));
    expect(events).toEqual(["message t: ", "message t: again"]);
  });

  it("MQTT-3.1.2-27: what a server was allowed on another client it is not on this one", () => {
    connect({ topicAliasMaximum: 5 }).broker.send(publish({ topic: "t", properties: [["topicAlias", 1]] }));
    expectClosedBy(publish({ topic: "t", properties: [["topicAlias", 1]] }), "ERR_PROTOCOL", 0x94);
  });
});

describe("3.1.2.11.6 Request Response Information", () => {
  const answer = connack({ properties: [["responseInformation", "r/c"]] });

  it("MQTT-3.1.2-28: closes on Response Information that was not asked for, also when it is empty", () => {
    for (const options of [{}, { requestResponseInformation: false }])
      for (const bytes of [answer, connack({ properties: [["responseInformation", ""]] })])
        expectNotConnectedBy(bytes, "ERR_PROTOCOL", 0x82, { ...NAMED, ...options });
  });

  it("MQTT-3.1.2-28: hands it over where it was asked for, and does without it where it does not come", () => {
    const seen: unknown[] = [];
    for (const bytes of [answer, connack()]) {
      const { broker, client } = awaitingConnack({
        ...NAMED,
        requestResponseInformation: true,
        onConnect: (_, received) => seen.push(received.get("responseInformation")),
      });
      broker.send(bytes);
      expect(client.connected).toBe(true);
    }
    expect(seen).toEqual(["r/c", undefined]);
  });
});

describe("3.1.2.11.7 Request Problem Information", () => {
  const PROBLEMS: Record<string, readonly Property[]> = {
    "a Reason String": [["reasonString", "because"]],
    "an empty Reason String": [["reasonString", ""]],
    "a User Property": [["userProperty", ["a", "b"]]],
    "an empty User Property": [["userProperty", ["", ""]]],
    both: [["reasonString", "because"], ["userProperty", ["a", "b"]]],
  };
  const FORBIDDEN: Record<string, (list: readonly Property[]) => Uint8Array> = {
    PUBACK: (list) => puback(1, 0, list),
    "PUBACK that refuses": (list) => puback(1, 0x87, list),
    PUBREC: (list) => pubrec(1, 0, list),
    "PUBREC that refuses": (list) => pubrec(1, 0x87, list),
    PUBREL: (list) => pubrel(1, 0, list),
    "PUBREL that found nothing": (list) => pubrel(1, 0x92, list),
    PUBCOMP: (list) => pubcomp(1, 0, list),
    SUBACK: (list) => suback(1, 0, list),
    UNSUBACK: (list) => unsuback(1, 0, list),
  };

  /** Has messages and requests under way with identifier 1, so that it is not that which is wrong. */
  function underWay(name: string): (fixture: Fixture) => void {
    return ({ broker, client }) => {
      if (name.startsWith("PUBACK")) client.publish("t", "", 1);
      else if (name.startsWith("PUBREC") || name.startsWith("PUBCOMP")) client.publish("t", "", 2);
      else if (name === "SUBACK") client.subscribe({ filter: "a" });
      else if (name === "UNSUBACK") client.unsubscribe("a");
      else broker.send(publish({ topic: "t", qos: 2, identifier: 1 }));
      if (name.startsWith("PUBCOMP")) broker.send(pubrec(1));
      broker.transport.takeSent();
    };
  }

  for (const [name, put] of Object.entries(FORBIDDEN))
    for (const [what, list] of Object.entries(PROBLEMS)) {
      it(`MQTT-3.1.2-29: declined: closes on ${what} in ${name}`, () => {
        expectClosedBy(put(list), "ERR_PROTOCOL", 0x82, { requestProblemInformation: false }, underWay(name));
      });

      it(`MQTT-3.1.2-29: not declined: takes ${what} in ${name}`, () => {
        for (const options of [{}, { requestProblemInformation: true }]) {
          const fixture = connect(options);
          underWay(name)(fixture);
          fixture.broker.sendByteByByte(put(list));
          expect(fixture.client.connected).toBe(true);
        }
      });
    }

  for (const [what, list] of Object.entries(PROBLEMS)) {
    it(`MQTT-3.1.2-29: declined: closes on ${what} in AUTH`, () => {
      const options = { ...NAMED, requestProblemInformation: false, authenticator: METHOD };
      const violation = auth(0x18, [["authenticationMethod", "m"], ...list]);
      expectNotConnectedBy(violation, "ERR_PROTOCOL", 0x82, options);
      const { broker } = awaitingConnack({ ...options, requestProblemInformation: true });
      broker.send(violation);
      broker.expectOpen();
    });

    it(`MQTT-3.1.2-29: declined: takes ${what} in CONNACK and DISCONNECT all the same`, () => {
      const seen: unknown[] = [];
      const options = { ...NAMED, requestProblemInformation: false, reconnectPeriod: 0 };
      const { broker, client, events } = awaitingConnack({
        ...options,
        onConnect: (_, received) => seen.push([received.get("reasonString"), received.get("userProperties")]),
      });
      broker.send(connack({ properties: list }));
      expect(client.connected).toBe(true);
      expect(seen).toHaveLength(1);
      expect(seen[0]).not.toEqual([undefined, undefined]);
      broker.send(disconnect(0x89, list));
      broker.expectClosed();
      expect(events).toEqual(["disconnected ERR_DISCONNECTED"]);
      expectNotConnectedBy(connack({ reasonCode: 0x87, properties: list }), "ERR_CONNECTION_REFUSED", undefined, options);
    });
  }

  it("MQTT-3.1.2-29: declined: takes User Properties in PUBLISH all the same", () => {
    const { broker, events } = connect({ requestProblemInformation: false });
    for (const qos of [0, 1] as const)
      broker.send(publish({ topic: "t", payload: "x", qos, identifier: 1, properties: [["userProperty", ["a", "b"]]] }));
    broker.expect("PUBACK");
    expect(events).toEqual(["message t: x", "message t: x"]);
  });
});

describe("3.1.2.11.9 Authentication Method", () => {
  it("MQTT-3.1.2-30: nothing but AUTH goes out between CONNECT and CONNACK, whatever waits, however long", () => {
    const authenticator: Authenticator = { ...METHOD, challenge: (data, answer) => answer(concat(data, hex("ff"))) };
    const { broker, client, events } = awaitingConnack({ ...NAMED, authenticator, keepalive: 1, connectTimeout: 100_000 });
    client.subscribe({ filter: "a" });
    client.unsubscribe("b");
    client.publish("t", "1", 1);
    client.publish("t", "2", 2);
    client.publish("t", "0");
    for (let step = 0; step < 5; step++) {
      broker.advance(10_000);
      broker.expectNothing();
      broker.send(auth(0x18, [["authenticationMethod", "m"], ["authenticationData", Uint8Array.of(step)]]));
      broker.expect("AUTH", {
        reasonCode: 0x18,
        properties: { authenticationMethod: "m", authenticationData: Uint8Array.of(step, 0xff) },
      });
      broker.expectNothing();
    }
    expect(events).toEqual([]);
    broker.send(connack({ properties: [["authenticationMethod", "m"]] }));
    expect(client.connected).toBe(true);
    const types = new Set(broker.takePackets().map(({ type }) => type));
    expect([...types].toSorted()).toEqual(["PINGREQ", "PUBLISH", "SUBSCRIBE", "UNSUBSCRIBE"]);
  });

  it("MQTT-3.1.2-30: close() before CONNACK sends nothing, or a DISCONNECT", () => {
    const { broker, client, events } = awaitingConnack({ ...NAMED, authenticator: METHOD });
    client.publish("t", "1", 1);
    client.close(0, new Properties({}));
    broker.advance(10_000);
    const sent = broker.takePackets().map(({ type }) => type);
    expect(sent.length === 0 || (sent.length === 1 && sent[0] === "DISCONNECT")).toBe(true);
    broker.expectClosed();
    expect(events).toEqual(["disconnected"]);
  });

  it("MQTT-3.1.2-30: a DISCONNECT is what follows a server's mistake before CONNACK", () => {
    const reauthenticate = packet(0xf0, hex("19"), properties([["authenticationMethod", "m"]]));
    for (const bytes of [suback(1, 0), publish({ topic: "t" }), reauthenticate])
      expectNotConnectedBy(bytes, "ERR_PROTOCOL", 0x82, { ...NAMED, authenticator: METHOD });
  });
});
