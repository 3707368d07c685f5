import { describe, expect, it } from "vitest";
import { v3 } from "../../src/codec/v3.js";
import type { MqttError } from "../../src/errors.js";
import { Session, type SessionLimits, WOULD_BLOCK } from "../../src/session/session.js";
import type { QoS } from "../../src/wire/quality-of-service.js";
import { Topic } from "../../src/wire/topic.js";
import { TopicFilter } from "../../src/wire/topic-filter.js";
import { type ClientPacket, connack, hex, parsePackets, puback, pubcomp, pubrec } from "../support/packets.js";

const LIMITS: SessionLimits = { packetSize: 64, inflight: 4, receiveMaximum: 4, subscriptions: 4, keepalive: 60, clean: true };
const CONNECT = hex("10 0c 00 04 4d 51 54 54 04 02 00 3c 00 00");
const TOPIC = new Topic("t");

/** A session without a transport: the test moves its bytes. */
class Bench {
  readonly told: string[] = [];
  readonly session: Session;

  constructor(limits: Partial<SessionLimits> = {}) {
    this.session = new Session({ ...LIMITS, ...limits }, v3, CONNECT, {
      onConnected: (sessionPresent) => this.told.push(`connected ${String(sessionPresent)}`),
      onMessage: (message) => this.told.push(`message ${message.text()}`),
      onDelivered: (identifier) => this.told.push(`delivered ${String(identifier)}`),
      onError: (error: MqttError) => this.told.push(error.code),
      onFailure: (error: MqttError) => {
        this.told.push(error.code);
        this.session.end();
      },
    });
  }

  /** Takes all that the session wants to send. */
  sent(now = 0): ClientPacket[] {
    const bytes: number[] = [];
    while (this.session.pending()) {
      bytes.push(...this.session.chunk.subarray(0, this.session.chunkLength));
      this.session.sent(now);
    }
    return parsePackets(Uint8Array.from(bytes));
  }

  receive(bytes: Uint8Array): boolean {
    const { decoder } = this.session;
    decoder.bytes.set(bytes, decoder.end);
    decoder.end += bytes.length;
    return this.session.receive();
  }

  connect(): this {
    this.session.begin(0);
    this.sent();
    this.receive(connack());
    return this;
  }

  publish(qos: QoS, payload = "x"): number {
    return this.session.publish(TOPIC, new TextEncoder().encode(payload), qos, false);
  }
}

describe("packet identifiers (2.3.1)", () => {
  it("increase, and wrap from 65,535 to 1", () => {
    const bench = new Bench().connect();
    const identifiers: number[] = [];
    for (let count = 0; count < 65_537; count++) {
      const identifier = bench.publish(1);
      identifiers.push(identifier);
      while (bench.session.pending()) bench.session.sent(0);
      bench.receive(puback(identifier));
    }
    expect(identifiers.slice(0, 3)).toEqual([1, 2, 3]);
    expect(identifiers.slice(65_534)).toEqual([65_535, 1, 2]);
    expect(new Set(identifiers).size).toBe(65_535);
  });

  it("skip those in use, by messages and by requests about subscriptions", () => {
    const bench = new Bench().connect();
    expect(bench.publish(1)).toBe(1);
    expect(bench.publish(2)).toBe(2);
    expect(bench.session.subscribe([{ filter: new TopicFilter("a"), qos: 0, handler: undefined }])).toBe(3);
    expect(bench.session.unsubscribe([new TopicFilter("a")])).toBe(4);
    bench.sent();
    bench.receive(pubrec(2)); // still in use, until PUBCOMP
    for (let identifier = 5; identifier <= 65_535; identifier++) {
      expect(bench.publish(1)).toBe(identifier);
      while (bench.session.pending()) bench.session.sent(0);
      bench.receive(puback(identifier));
    }
    expect(bench.publish(1)).toBe(5);
  });
});

describe("what goes out", () => {
  it("is nothing but CONNECT until CONNACK", () => {
    const bench = new Bench();
    bench.publish(1);
    expect(bench.sent()).toEqual([]);
    bench.session.begin(0);
    expect(bench.sent().map(({ type }) => type)).toEqual(["CONNECT"]);
    expect(bench.sent()).toEqual([]);
    bench.receive(connack());
    expect(bench.sent().map(({ type }) => type)).toEqual(["PUBLISH"]);
  });

  it("is requests about subscriptions before messages of QoS 1 and 2", () => {
    const bench = new Bench().connect();
    bench.publish(1);
    bench.session.subscribe([{ filter: new TopicFilter("a"), qos: 0, handler: undefined }]);
    expect(bench.sent().map(({ type }) => type)).toEqual(["SUBSCRIBE", "PUBLISH"]);
  });

  it("ends with DISCONNECT, nothing after it [MQTT-3.14.4-2]", () => {
    const bench = new Bench().connect();
    bench.publish(0, "last");
    expect(bench.session.disconnect()).toBe(true);
    expect(bench.publish(0)).toBe(WOULD_BLOCK);
    expect(bench.publish(1)).toBe(WOULD_BLOCK);
    expect(bench.sent().map(({ type }) => type)).toEqual(["PUBLISH", "DISCONNECT"]);
    expect(bench.sent()).toEqual([]);
    expect(bench.session.online).toBe(false);
  });

  it("has no DISCONNECT before CONNACK, nor in the midst of a payload", () => {
    const bench = new Bench();
    expect(bench.session.disconnect()).toBe(false);
    bench.session.begin(0);
    expect(bench.session.disconnect()).toBe(false);
    bench.receive(connack());
    bench.session.publish(TOPIC, { length: 100, read: () => 0 }, 0, false);
    expect(bench.session.streaming).toBe(true);
    expect(bench.session.disconnect()).toBe(false);
  });
});

describe("the largest packet", () => {
  const LARGEST = 268_435_455;
  const source = (length: number) => ({ length, read: () => 0 });

  it("is one that Remaining Length can say", () => {
    const bench = new Bench().connect();
    const head = 2 + 1; // the topic
    expect(() => bench.session.publish(TOPIC, source(LARGEST + 1 - head), 0, false)).toThrow(
      expect.objectContaining({ code: "ERR_PACKET_SIZE", fault: "caller" }) as Error,
    );
    expect(bench.session.publish(TOPIC, source(LARGEST - 5 - head), 0, false)).toBe(0);
  });

  it("has a head that fits packetSize", () => {
    const bench = new Bench().connect();
    const fits = new Topic("t".repeat(64 - 2 - 2));
    const tooLong = new Topic("t".repeat(64 - 2));
    expect(() => bench.session.publish(tooLong, source(10), 0, false)).toThrow("66 bytes, 64 is the limit");
    expect(() => bench.session.publish(tooLong, source(10), 1, false)).toThrow("68 bytes, 64 is the limit");
    expect(bench.sent()).toEqual([]);
    expect(bench.session.publish(fits, source(10), 0, false)).toBe(0);
  });
});

describe("a broken connection", () => {
  it("takes nothing of what outlives it away", () => {
    const bench = new Bench({ clean: false }).connect();
    bench.publish(1);
    bench.publish(2);
    bench.sent();
    bench.receive(pubrec(2));
    bench.session.end();
    expect(bench.session.inflight).toBe(2);
    expect(bench.session.pending()).toBe(false);
    bench.session.begin(0);
    bench.sent();
    bench.receive(connack({ sessionPresent: true }));
    expect(bench.sent()).toMatchObject([
      { type: "PUBLISH", identifier: 1, dup: true },
      { type: "PUBREL", identifier: 2 },
    ]);
    bench.receive(puback(1));
    bench.receive(pubcomp(2));
    expect(bench.told).toEqual(["connected false", "connected true", "delivered 1", "delivered 2"]);
  });

  it("ends a packet that was cut off, and one that was to be sent", () => {
    const bench = new Bench().connect();
    bench.publish(0);
    bench.receive(hex("40 02 00"));
    bench.session.end();
    bench.session.begin(0);
    expect(bench.sent().map(({ type }) => type)).toEqual(["CONNECT"]);
    bench.receive(connack());
    expect(bench.told).toEqual(["connected false", "connected false"]);
  });
});

describe("before CONNACK", () => {
  it.each(["40 02 00 01", "30 03 00 01 61", "d0 00", "90 03 00 01 00"])("%s breaks the protocol", (bytes) => {
    const bench = new Bench();
    bench.session.begin(0);
    bench.sent();
    bench.receive(hex(bytes));
    expect(bench.told).toEqual(["ERR_PROTOCOL"]);
  });
});

describe("checkKeepAlive", () => {
  it("writes a PINGREQ when one is due, and tells when the server is dead", () => {
    const bench = new Bench({ keepalive: 10 }).connect();
    expect(bench.session.checkKeepAlive(8_000)).toBe(1_000);
    expect(bench.sent()).toEqual([]);
    expect(bench.session.checkKeepAlive(9_000)).toBe(5_000);
    expect(bench.sent(9_000).map(({ type }) => type)).toEqual(["PINGREQ"]);
    expect(bench.session.checkKeepAlive(14_000)).toBeLessThan(0);
  });

  it("is content with the PINGRESP", () => {
    const bench = new Bench({ keepalive: 10 }).connect();
    bench.session.checkKeepAlive(9_000);
    bench.sent(9_000);
    bench.receive(hex("d0 00"));
    expect(bench.session.checkKeepAlive(14_000)).toBe(4_000);
  });

  it("does not interrupt a payload with a PINGREQ", () => {
    const bench = new Bench({ keepalive: 10 }).connect();
    bench.session.publish(TOPIC, { length: 100, read: () => 0 }, 0, false);
    while (bench.session.pending()) bench.session.sent(0);
    expect(bench.session.checkKeepAlive(9_000)).toBe(5_000);
    expect(bench.session.pending()).toBe(false);
    expect(bench.session.checkKeepAlive(14_000)).toBeLessThan(0);
  });
});
