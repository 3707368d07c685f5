import { describe, expect, it } from "vitest";
import type { PayloadSource, QoS } from "mqtt-xs";
import { Properties, type ClientOptions } from "mqtt-xs/v5";
import { puback, publish, pubrec, pubrel, type ConnackFields, type PropertyList } from "../../support/v5/packets.js";
import { connect, deliveries, type Fixture, PERSISTENT, reconnect, start } from "./support.js";

const QUALITIES = [0, 1, 2] as const;

/** The error that a call throws; fails when it throws none. */
function refusal(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was refused");
}

/** A client whose server announced these. */
function connectTo(properties: PropertyList, options: Partial<ClientOptions> = {}): Fixture {
  return connect(options, { writeLimit: 40_000 }, { properties });
}

describe("3.3.1.2 Maximum QoS", () => {
  for (const maximum of [undefined, 1, 0])
    it(`MQTT-3.2.2-11: with Maximum QoS ${maximum ?? "absent"}, no message above goes out; it is refused at the call`, () => {
      const { broker, client, events } = connectTo(maximum === undefined ? [] : [["maximumQoS", maximum]]);
      for (const qos of QUALITIES)
        for (const retain of [false, true])
          if (qos <= (maximum ?? 2)) {
            const identifier = client.publish("t", "x", qos, retain);
            broker.expectBytes(publish({ topic: "t", payload: "x", qos, retain, identifier }));
            if (qos === 1) broker.send(puback(identifier));
            if (qos === 2) broker.send(pubrec(identifier, 0x80));
          } else {
            const before = client.inflight;
            const error = refusal(() => client.publish("t", "x", qos, retain));
            expect(error).toMatchObject({ code: "ERR_NOT_SUPPORTED", fault: "caller", reasonCode: 0x9b });
            expect(client.inflight).toBe(before);
            broker.expectNothing();
          }
      expect(events.filter((event) => !event.startsWith("delivered"))).toEqual([]);
      broker.expectOpen();
    });

  it("MQTT-3.2.2-11: the limit is that of the last CONNACK", () => {
    const fixture = connectTo([["maximumQoS", 0]]);
    const { broker, client } = fixture;
    for (const [maximum, allowed] of [[0, 0], [undefined, 2], [1, 1], [0, 0]] as const) {
      reconnect(fixture, { properties: maximum === undefined ? [] : [["maximumQoS", maximum]] });
      for (const qos of QUALITIES) {
        const act = (): number => client.publish("t", "x", qos);
        if (qos > allowed) expect(refusal(act)).toMatchObject({ code: "ERR_NOT_SUPPORTED" });
        else {
          const identifier = act();
          broker.expect("PUBLISH", { qos });
          if (qos > 0) broker.send(qos === 1 ? puback(identifier) : pubrec(identifier, 0x80));
        }
      }
    }
  });
});

describe("3.3.1.3 Retain Available", () => {
  for (const available of [undefined, 1, 0])
    it(`MQTT-3.2.2-14: with Retain Available ${available ?? "absent"}, RETAIN goes out, or is refused at the call`, () => {
      const { broker, client } = connectTo(available === undefined ? [] : [["retainAvailable", available]]);
      for (const qos of QUALITIES)
        for (const retain of [true, false]) {
          const act = (): number => client.publish("t", "x", qos, retain);
          if (retain && available === 0) {
            expect(refusal(act)).toMatchObject({ code: "ERR_NOT_SUPPORTED", fault: "caller", reasonCode: 0x9a });
            broker.expectNothing();
          } else broker.expectBytes(publish({ topic: "t", payload: "x", qos, retain, identifier: act() }));
        }
    });

  it("MQTT-3.2.2-11, MQTT-3.2.2-14: with both limits, what offends against either is refused", () => {
    const { broker, client } = connectTo([["retainAvailable", 0], ["maximumQoS", 0]]);
    for (const [qos, retain] of [[1, false], [2, false], [0, true], [1, true], [2, true]] as const)
      expect(refusal(() => client.publish("t", "x", qos, retain))).toMatchObject({ code: "ERR_NOT_SUPPORTED" });
    broker.expectNothing();
    client.publish("t", "x");
    broker.expect("PUBLISH", { qos: 0, retain: false });
  });
});

/** A source of `length` bytes that counts how often it is read. */
function countingSource(length: number): PayloadSource & { reads: number } {
  return {
    length,
    reads: 0,
    read(target, start, end) {
      this.reads++;
      target.fill(0x61, start, end);
      return end - start;
    },
  };
}

describe("3.3.1.4 Maximum Packet Size", () => {
  for (const size of [20, 127, 128, 129, 130, 131, 200, 16_386, 16_387])
    it(`MQTT-3.2.2-15: a packet of ${size} bytes goes to a server that takes as many, none larger, whole or in pieces`, () => {
      for (const packetSize of size > 1_000 ? [20_000] : [64, 1_000])
        for (const qos of QUALITIES)
          for (const properties of [undefined, new Properties({ contentType: "c" })]) {
            const { broker, client } = connectTo([["maximumPacketSize", size]], { packetSize });
            const list: PropertyList = properties ? [["contentType", "c"]] : [];
            let length = size;
            while (publish({ topic: "t", payload: new Uint8Array(length), qos, properties: list }).length > size) length--;
            const payload = new Uint8Array(length);
            const identifier = client.publish("t", payload, qos, false, properties);
            broker.expectBytes(publish({ topic: "t", payload, qos, identifier, properties: list }));
            const before = client.inflight;
            for (const tooMuch of [new Uint8Array(length + 1), new Uint8Array(2 * size), countingSource(length + 1)]) {
              const error = refusal(() => client.publish("t", tooMuch, qos, false, properties));
              expect(error).toMatchObject({ code: "ERR_PACKET_SIZE", fault: "caller" });
              if ("reads" in tooMuch) expect(tooMuch.reads).toBe(0);
            }
            expect(client.inflight).toBe(before);
            broker.expectNothing();
            client.publish("t", "");
            broker.expect("PUBLISH", { payload: "" });
          }
    });

  it("MQTT-3.2.2-15: a limit larger than any packet refuses none", () => {
    for (const size of [268_435_460, 0xffffffff]) {
      const { broker, client } = connectTo([["maximumPacketSize", size]]);
      const payload = new Uint8Array(20_000);
      client.publish("t", payload, 1);
      broker.expect("PUBLISH", { payload });
    }
  });
});

/** A message, and why a server would refuse it; 0 where it does not. */
interface Stored {
  readonly payload: Uint8Array | string;
  readonly qos: QoS;
  readonly retain?: boolean;
  readonly reasonCode: number;
}

const LIMITS: ConnackFields = { properties: [["maximumQoS", 1], ["retainAvailable", 0], ["maximumPacketSize", 30]] };
const STORED: readonly Stored[] = [
  { payload: "1", qos: 2, reasonCode: 0x9b },
  { payload: "2", qos: 1, reasonCode: 0 },
  { payload: "3", qos: 1, retain: true, reasonCode: 0x9a },
  { payload: new Uint8Array(22), qos: 1, reasonCode: 0 }, // 30 bytes
  { payload: new Uint8Array(23), qos: 1, reasonCode: 0x95 },
  { payload: new Uint8Array(500), qos: 1, reasonCode: 0x95 }, // in pieces
  { payload: "7", qos: 1, reasonCode: 0 },
  { payload: "8", qos: 2, reasonCode: 0x9b },
];
const REFUSED = ["delivered 1 0x9b", "delivered 3 0x9a", "delivered 5 0x95", "delivered 6 0x95", "delivered 8 0x9b"];
const OPTIONS = { ...PERSISTENT, inflight: 8, packetSize: 64 };

function publishAll({ client }: Fixture): void {
  for (const { payload, qos, retain } of STORED) client.publish("t", payload, qos, retain);
}

function expectTheOthers({ broker }: Fixture, dup: boolean): void {
  for (const [at, { payload, qos, reasonCode }] of STORED.entries())
    if (reasonCode === 0) broker.expectBytes(publish({ topic: "t", payload, qos, dup, identifier: at + 1 }));
  broker.expectNothing();
}

describe("3.3.4 what was stored before the server's limits were known", () => {
  it("MQTT-3.2.2-11, MQTT-3.2.2-14, MQTT-3.2.2-15: is settled at CONNACK, in order, and what the server takes goes out", () => {
    const fixture = start(OPTIONS);
    publishAll(fixture);
    fixture.broker.acceptConnection(LIMITS);
    expect(deliveries(fixture)).toEqual(REFUSED);
    expectTheOthers(fixture, false);
    expect(fixture.client.inflight).toBe(3);
    reconnect(fixture, { ...LIMITS, sessionPresent: true });
    expectTheOthers(fixture, true);
    expect(deliveries(fixture)).toEqual(REFUSED);
  });

  it("MQTT-3.2.2-11, MQTT-3.2.2-14, MQTT-3.2.2-15: though it has been sent before, the session resumed or not", () => {
    for (const sessionPresent of [true, false]) {
      const fixture = connect(OPTIONS);
      const { broker } = fixture;
      publishAll(fixture);
      broker.transport.takeSent();
      reconnect(fixture, { ...LIMITS, sessionPresent });
      expect(deliveries(fixture)).toEqual(REFUSED);
      expectTheOthers(fixture, sessionPresent);
    }
  });

  it("MQTT-4.3.3-5: a message whose PUBREL is under way is none of the server's limits", () => {
    const fixture = connect(OPTIONS);
    const { broker, client } = fixture;
    client.publish("t", "x", 2, true);
    client.publish("t", new Uint8Array(300), 2, true);
    broker.transport.takeSent();
    broker.sendTogether(pubrec(1), pubrec(2));
    broker.transport.takeSent();
    const properties = [["maximumQoS", 0], ["retainAvailable", 0], ["maximumPacketSize", 10]] as const;
    reconnect(fixture, { sessionPresent: true, properties });
    broker.expectBytes(pubrel(1));
    broker.expectBytes(pubrel(2));
    expect(deliveries(fixture)).toEqual([]);
  });

  it("3.3.4: the sources of what is refused are not read", () => {
    const fixture = start(OPTIONS);
    const source = countingSource(500);
    fixture.client.publish("t", source, 1);
    fixture.broker.acceptConnection({ properties: [["maximumPacketSize", 499]] });
    expect(source.reads).toBe(0);
    expect(deliveries(fixture)).toEqual(["delivered 1 0x95"]);
    fixture.broker.expectNothing();
  });

  it("3.3.4: all slots are free again, and whoever waited for one is told", () => {
    const fixture = start({ ...OPTIONS, inflight: 2 });
    const { broker, client, events } = fixture;
    for (const identifier of [1, 2, -1]) expect(client.publish("t", "x", 2)).toBe(identifier);
    broker.acceptConnection({ properties: [["maximumQoS", 1]] });
    expect(events).toContain("writable");
    expect(deliveries(fixture)).toEqual(["delivered 1 0x9b", "delivered 2 0x9b"]);
    for (const payload of ["a", "b"]) {
      expect(client.publish("t", payload, 1)).toBeGreaterThan(0);
      broker.expect("PUBLISH", { payload, qos: 1 });
    }
  });

  it("3.3.4: a callback that publishes in the midst adds to the end, within the new limits", () => {
    const fixture: Fixture = start({
      ...OPTIONS,
      inflight: 9,
      onDelivered: (identifier, reasonCode) => {
        fixture.events.push(`delivered ${identifier} 0x${reasonCode.toString(16)}`);
        expect(refusal(() => fixture.client.publish("t", "no", 2))).toMatchObject({ code: "ERR_NOT_SUPPORTED" });
        fixture.client.publish("t", `for ${identifier}`, 1);
      },
    });
    publishAll(fixture);
    fixture.broker.acceptConnection(LIMITS);
    expect(deliveries(fixture)).toEqual(REFUSED);
    for (const payload of ["2", new Uint8Array(22), "7", "for 1", "for 3", "for 5", "for 6", "for 8"])
      fixture.broker.expect("PUBLISH", { payload, qos: 1 });
    fixture.broker.expectNothing();
  });

  it("3.3.4: a callback that closes in the midst ends it, nothing goes out, and nothing is told twice", () => {
    for (const closing of [1, 5, 8]) {
      const fixture: Fixture = start({
        ...OPTIONS,
        onDelivered: (identifier, reasonCode) => {
          fixture.events.push(`delivered ${identifier} 0x${reasonCode.toString(16)}`);
          if (identifier === closing) fixture.client.close();
        },
      });
      const { broker, client, events } = fixture;
      publishAll(fixture);
      broker.acceptConnection(LIMITS);
      expect(client.connected).toBe(false);
      expect(events).toContain("disconnected");
      expect(events.filter((event) => event.startsWith("connected"))).toEqual([]);
      expect(broker.takePackets().filter(({ type }) => type !== "DISCONNECT")).toEqual([]);
      broker.advance(3_600_000);
      broker.expectClosed();
      client.connect();
      broker.acceptConnection(LIMITS);
      expect(deliveries(fixture)).toEqual(REFUSED);
      expectTheOthers(fixture, false);
    }
  });

  it("3.3.4: a callback that throws in the midst keeps neither the client from connecting nor what the server takes", () => {
    const fixture: Fixture = start({
      ...OPTIONS,
      onDelivered: (identifier, reasonCode) => {
        fixture.events.push(`delivered ${identifier} 0x${reasonCode.toString(16)}`);
        if (identifier === 3) throw new Error("of the application");
      },
    });
    const { broker, client } = fixture;
    publishAll(fixture);
    expect(() => {
      broker.acceptConnection(LIMITS);
    }).toThrow("of the application");
    broker.advance(0);
    expect(client.connected).toBe(true);
    expectTheOthers(fixture, false);
    expect(deliveries(fixture).slice(0, 2)).toEqual(REFUSED.slice(0, 2));
    expect(new Set(deliveries(fixture)).size).toBe(deliveries(fixture).length);
  });
});
