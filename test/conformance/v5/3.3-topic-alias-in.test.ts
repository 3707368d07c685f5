import { describe, expect, it } from "vitest";
import type { ClientOptions } from "mqtt-xs/v5";
import { puback, publish, pubrec, pubrel, type PublishFields } from "../../support/v5/packets.js";
import { connect, expectClosedBy, messages, PERSISTENT, reconnect } from "./support.js";

const QUALITIES = [0, 1, 2] as const;

/** A PUBLISH with this alias, and this topic or none. */
function aliased(alias: number, topic = "", fields: Partial<PublishFields> = {}): Uint8Array {
  return publish({ topic, ...fields, properties: [["topicAlias", alias]] });
}

describe("3.3.2.3.4 Topic Alias of what comes in", () => {
  it("3.1.2.11.5: Topic Alias Maximum is announced as the options say, and not at all without", () => {
    for (const [options, expected] of [
      [{}, undefined],
      [{ topicAliasMaximum: 1 }, 1],
      [{ topicAliasMaximum: 65_535, topicAliasSize: 1 }, 65_535],
    ] as const) {
      const fixture = connect(options);
      fixture.client.close();
      fixture.broker.expect("DISCONNECT");
      fixture.client.connect();
      expect(fixture.broker.acceptConnection().properties.topicAliasMaximum).toBe(expected);
    }
  });

  for (const first of QUALITIES)
    it(`3.3.2.3.4: an alias that a message of QoS ${first} gave a topic stands for it in messages of every QoS`, () => {
      const { broker, events } = connect({ topicAliasMaximum: 5 });
      broker.sendByteByByte(aliased(3, "a/b", { payload: "1", qos: first, identifier: 1 }));
      for (const qos of QUALITIES) {
        broker.send(aliased(3, "", { payload: "2", qos, identifier: 2 }));
        broker.send(publish({ topic: "other", payload: "between" }));
        broker.sendByteByByte(aliased(3, "", { payload: "3", qos, identifier: 3 }));
      }
      const three = ["message a/b: 2", "message other: between", "message a/b: 3"];
      expect(events).toEqual(["message a/b: 1", ...three, ...three, ...three]);
      broker.expectOpen();
    });

  it("3.3.2.3.4: an alias is given another topic by every message that has both, longer or shorter", () => {
    const { broker, events } = connect({ topicAliasMaximum: 2 });
    const topics = ["a", "a/much/longer/topic", "b", "b", "é/😀", "ab"];
    for (const topic of topics) {
      broker.send(aliased(2, topic, { payload: "1" }));
      broker.send(aliased(2, "", { payload: "2" }));
    }
    expect(events).toEqual(topics.flatMap((topic) => [`message ${topic}: 1`, `message ${topic}: 2`]));
  });

  it("MQTT-3.3.2-10: every alias from 1 to the maximum is taken, each with a topic of its own", () => {
    for (const maximum of [1, 2, 10, 300]) {
      const { broker, events } = connect({ topicAliasMaximum: maximum, topicAliasSize: 8 });
      for (let alias = maximum; alias > 0; alias--) broker.send(aliased(alias, `t${alias}`));
      for (let alias = 1; alias <= maximum; alias++) broker.send(aliased(alias));
      const names = Array.from({ length: maximum }, (_, at) => `message t${at + 1}: `);
      expect(events).toEqual([...names.toReversed(), ...names]);
    }
  });

  it("MQTT-3.3.2-10: 65,535 of them", () => {
    const { broker, events } = connect({ topicAliasMaximum: 65_535, topicAliasSize: 2 });
    for (const alias of [65_535, 1, 32_768, 256, 255]) {
      broker.send(aliased(alias, "ab", { payload: `${alias}` }));
      broker.send(aliased(alias, "", { payload: "again" }));
      expect(events.splice(0)).toEqual([`message ab: ${alias}`, "message ab: again"]);
    }
  });

  it("3.3.2.3.4: aliases of the server are not those of the client", () => {
    const { broker, client, events } = connect({ topicAliasMaximum: 5 }, {}, { properties: [["topicAliasMaximum", 5]] });
    broker.send(aliased(1, "theirs"));
    client.publish("ours", "x");
    broker.expect("PUBLISH", { topic: "ours" });
    broker.send(aliased(1));
    expect(events).toEqual(["message theirs: ", "message theirs: "]);
  });

  it("3.3.2.3.4: handlers are found by the topic that an alias stands for", () => {
    const { broker, client, events } = connect({ topicAliasMaximum: 5 });
    for (const filter of ["a/#", "b", "+/b"])
      client.subscribe({ filter, handler: ({ topic }) => events.push(`${filter} gets ${topic}`) });
    broker.transport.takeSent();
    broker.sendTogether(aliased(1, "a/b"), aliased(2, "b"), aliased(1), aliased(2), aliased(1, "c"), aliased(1));
    expect(events).toEqual([
      "a/# gets a/b", "+/b gets a/b", "b gets b", "a/# gets a/b", "+/b gets a/b", "b gets b", "message c: ", "message c: ",
    ]);
  });

  it("3.3.2.3.4: the alias is among the properties that the application sees", () => {
    const seen: unknown[] = [];
    const { broker } = connect({
      topicAliasMaximum: 500,
      onMessage: ({ topic, properties }) => seen.push(topic, properties.number(35), properties.get("contentType")),
    });
    broker.send(publish({ topic: "t", properties: [["contentType", "1"], ["topicAlias", 300]] }));
    broker.send(publish({ topic: "", properties: [["topicAlias", 300], ["contentType", "2"]] }));
    broker.send(publish({ topic: "u" }));
    expect(seen).toEqual(["t", 300, "1", "t", 300, "2", "u", undefined, undefined]);
  });

  it("3.3.2.3.4: what a repeated QoS 2 message, which is not delivered, says of an alias holds all the same", () => {
    const { broker, events } = connect({ topicAliasMaximum: 5 });
    broker.send(publish({ topic: "a", qos: 2, identifier: 7 }));
    broker.send(aliased(1, "a", { qos: 2, dup: true, identifier: 7 }));
    broker.send(aliased(1, "", { payload: "x" }));
    expect(events).toEqual(["message a: ", "message a: x"]);
  });

  it("3.3.2.3.4: what a message that the application refuses or throws over says of an alias holds all the same", () => {
    const seen: string[] = [];
    const { broker } = connect({
      topicAliasMaximum: 5,
      onMessage: (message) => {
        seen.push(message.topic);
        if (message.qos === 1) message.reasonCode = 0x83;
        if (message.qos === 2) throw new Error("of the application");
      },
    });
    broker.send(aliased(1, "a", { qos: 1 }));
    expect(() => {
      broker.send(aliased(2, "b", { qos: 2 }));
    }).toThrow("of the application");
    broker.advance(0);
    broker.sendTogether(aliased(1), aliased(2));
    expect(seen).toEqual(["a", "b", "a", "b"]);
  });

  it("3.3.2.3.4: a handler that publishes, subscribes and unsubscribes does not change what aliases stand for", () => {
    const seen: string[] = [];
    const { broker, client } = connect({
      topicAliasMaximum: 2,
      onMessage: (message) => {
        client.publish("q", "x", 1);
        client.subscribe({ filter: "x" });
        client.unsubscribe("x");
        seen.push(message.topic);
      },
    });
    broker.sendTogether(aliased(1, "abc"), aliased(1), aliased(2, "d"), aliased(1), aliased(2));
    expect(seen).toEqual(["abc", "abc", "d", "abc", "d"]);
  });

  for (const qos of QUALITIES)
    it(`3.3.2.3.4: every piece of a large message of QoS ${qos} shows the topic, of its own or by its alias`, () => {
      const payload = Uint8Array.from({ length: 200 }, (_, index) => index);
      const seen: string[] = [];
      let received: number[] = [];
      const { broker } = connect({
        packetSize: 64,
        topicAliasMaximum: 3,
        onMessage: (message) => {
          seen.push(`${message.topic} ${message.offset}`);
          expect(message.properties.number(35)).toBe(2);
          received.push(...message.payload);
        },
      });
      for (const [topic, name] of [["a/long/topic", "a/long/topic"], ["", "a/long/topic"], ["b", "b"], ["", "b"]] as const)
        for (const byteByByte of [false, true]) {
          const bytes = aliased(2, topic, { payload, qos, identifier: 9 });
          if (byteByByte) broker.sendByteByByte(bytes);
          else broker.send(bytes);
          if (qos === 1) broker.expectBytes(puback(9));
          if (qos === 2) {
            broker.expectBytes(pubrec(9));
            broker.send(pubrel(9));
            broker.expect("PUBCOMP");
          }
          expect(received).toEqual([...payload]);
          expect(seen.length).toBeGreaterThan(3);
          for (const piece of seen) expect(piece.split(" ")[0]).toBe(name);
          received = [];
          seen.length = 0;
        }
    });

  for (const options of [{}, { topicAliasMaximum: 1 }, { topicAliasMaximum: 65_535, topicAliasSize: 1 }] as const)
    it(`MQTT-3.3.2-8: closes on alias 0, with ${JSON.stringify(options)}`, () => {
      for (const qos of QUALITIES)
        for (const topic of ["t", ""]) expectClosedBy(aliased(0, topic, { qos }), "ERR_PROTOCOL", 0x94, options);
    });

  const tooLarge = [[undefined, 1], [0, 1], [0, 65_535], [1, 2], [5, 6], [5, 255], [5, 65_535], [65_534, 65_535]] as const;
  for (const [maximum, alias] of tooLarge)
    it(`MQTT-3.3.2-11: closes on alias ${alias} where the maximum is ${maximum ?? "absent"}`, () => {
      const options = maximum === undefined ? {} : { topicAliasMaximum: maximum, topicAliasSize: 4 };
      for (const qos of QUALITIES)
        for (const topic of ["t", ""]) expectClosedBy(aliased(alias, topic, { qos }), "ERR_PROTOCOL", 0x94, options);
    });

  it("3.3.4: closes on an alias that stands for nothing yet, beside others that do", () => {
    for (const qos of QUALITIES) {
      expectClosedBy(aliased(1, "", { qos }), "ERR_PROTOCOL", 0x82, { topicAliasMaximum: 1 });
      for (const alias of [1, 3])
        expectClosedBy(aliased(alias, "", { qos }), "ERR_PROTOCOL", 0x82, { topicAliasMaximum: 3 }, ({ broker }) => {
          broker.send(aliased(2, "t"));
        });
    }
  });

  it("3.3.4: closes on an alias in the midst of a packet larger than the buffer, before any of it is delivered", () => {
    const options = { packetSize: 64, topicAliasMaximum: 2 };
    const payload = new Uint8Array(200);
    expectClosedBy(aliased(1, "", { payload }), "ERR_PROTOCOL", 0x82, options);
    expectClosedBy(aliased(3, "t", { payload }), "ERR_PROTOCOL", 0x94, options);
    expectClosedBy(aliased(0, "t", { payload }), "ERR_PROTOCOL", 0x94, options);
  });

  it("MQTT-3.3.2-7: every connection begins without aliases, the session resumed or not", () => {
    for (const sessionPresent of [true, false]) {
      const options: Partial<ClientOptions> = { ...PERSISTENT, topicAliasMaximum: 2 };
      expectClosedBy(aliased(1), "ERR_PROTOCOL", 0x82, options, ({ broker, client }) => {
        broker.send(aliased(1, "t"));
        broker.send(aliased(1));
        client.close();
        broker.expect("DISCONNECT");
        client.connect();
        broker.acceptConnection({ sessionPresent });
      });
    }
    const fixture = connect({ ...PERSISTENT, topicAliasMaximum: 2 });
    const { broker, events } = fixture;
    broker.send(aliased(1, "old"));
    reconnect(fixture, { sessionPresent: true });
    broker.send(aliased(1, "new"));
    broker.send(aliased(1));
    expect(messages({ events })).toEqual(["message old: ", "message new: ", "message new: "]);
  });

  it("3.3.2.3.4: topicAliasSize is the longest topic that is remembered; one byte more closes, memory being at fault", () => {
    for (const topicAliasSize of [1, 5, 20]) {
      const { broker, events } = connect({ topicAliasMaximum: 3, topicAliasSize });
      const names = ["a", "b", "c"].map((name) => name.repeat(topicAliasSize));
      names.forEach((name, at) => broker.send(aliased(at + 1, name)));
      names.forEach((_, at) => broker.send(aliased(at + 1)));
      expect(events).toEqual([...names, ...names].map((name) => `message ${name}: `));
      for (const qos of QUALITIES) {
        const tooLong = aliased(1, "x".repeat(topicAliasSize + 1), { qos });
        expectClosedBy(tooLong, "ERR_RECEIVE_SIZE", 0x97, { topicAliasMaximum: 3, topicAliasSize });
      }
      broker.send(publish({ topic: "x".repeat(topicAliasSize + 1) })); // without an alias it is no matter
      broker.expectOpen();
    }
  });

  it("3.3.2.3.4: topicAliasSize counts bytes, not characters", () => {
    const { broker, events } = connect({ topicAliasMaximum: 1, topicAliasSize: 4 });
    broker.send(aliased(1, "😀"));
    broker.send(aliased(1));
    expect(events).toEqual(["message 😀: ", "message 😀: "]);
    expectClosedBy(aliased(1, "😀a"), "ERR_RECEIVE_SIZE", 0x97, { topicAliasMaximum: 1, topicAliasSize: 4 });
  });

  it("3.3.2.3.4: an alias beside a wrong topic is not remembered, and closes", () => {
    for (const qos of QUALITIES)
      expectClosedBy(aliased(1, "a/+", { qos }), "ERR_PROTOCOL", 0x82, { topicAliasMaximum: 1 });
  });
});
