import { describe, expect, it } from "vitest";
import { Topic, type PayloadSource, type QoS } from "mqtt-xs";
import { Properties } from "mqtt-xs/v5";
import { Queue, type QueuedProperties, type QueueOptions } from "mqtt-xs/queue";
import { PERSISTENT } from "../conformance/support.js";
import { V5, VERSIONS, type Fixture, type Version } from "../conformance/both/versions.js";

interface Setup extends Fixture {
  readonly queue: Queue<QueuedProperties>;
  /** The broker accepts the connection, or the next one. */
  connect(): void;
  /** Texts of the messages that have gone out, in order. */
  sent(): string[];
}

type Options = Partial<QueueOptions<QueuedProperties>>;

/** A queue whose client is not connected. */
function start(version: Version, options: Options = {}, clientOptions: Parameters<Version["start"]>[0] = {}): Setup {
  const fixture = version.start({ ...PERSISTENT, ...clientOptions, onWritable: () => queue.drain() });
  const { broker, client, events } = fixture;
  const queue = new Queue<QueuedProperties>({
    client,
    clock: broker.clock,
    onDropped: (isExpired) => events.push(isExpired ? "expired" : "dropped"),
    onError: (error) => events.push(`refused ${error.code}`),
    ...options,
  });
  const texts = (packet: { type: string; payload?: Uint8Array }): string[] =>
    packet.type === "PUBLISH" ? [new TextDecoder().decode(packet.payload)] : [];
  return {
    ...fixture,
    queue,
    connect: () => {
      if (!broker.transport.isOpening) broker.advance(0);
      broker.acceptConnection();
      queue.drain(); // as `onConnect` does
    },
    sent: () => broker.takePackets().flatMap(texts),
  };
}

function publish({ queue }: Setup, ...texts: readonly string[]): boolean[] {
  return texts.map((text) => queue.publish("t", text, 1));
}

describe.each(VERSIONS)("$name: a queue", (version) => {
  const { puback } = version;

  it("sends at once what can be sent at once", () => {
    const setup = start(version);
    setup.connect();
    expect(publish(setup, "one")).toEqual([true]);
    setup.broker.expect("PUBLISH", { qos: 1, topic: "t", retain: false });
    expect(setup.queue.length).toBe(0);
  });

  it("keeps what is published offline, and sends it in order when connected, as fast as it is acknowledged", () => {
    const setup = start(version, {}, { inflight: 2 });
    expect(publish(setup, "one", "two", "three", "four")).toEqual([true, true, true, true]);
    expect(setup.queue.length).toBe(4);
    setup.connect();
    expect(setup.sent()).toEqual(["one", "two"]);
    setup.broker.send(puback(1));
    setup.broker.send(puback(2));
    expect(setup.sent()).toEqual(["three", "four"]);
    expect(setup.queue.length).toBe(0);
  });

  it("keeps the order of what is published while it drains", () => {
    const setup = start(version, {}, { inflight: 1 });
    publish(setup, "one", "two");
    setup.connect();
    publish(setup, "three");
    for (const identifier of [1, 2]) setup.broker.send(puback(identifier));
    expect(setup.sent()).toEqual(["one", "two", "three"]);
  });

  it("keeps topic, quality of service, RETAIN and payload, of each kind", () => {
    const setup = start(version);
    const source: PayloadSource = { length: 3, read: (target, at) => (target.set([1, 2, 3], at), 3) };
    setup.queue.publish("plain/text", "ä", 0);
    setup.queue.publish(new Topic("prepared"), Uint8Array.of(255, 0), 1, true);
    setup.queue.publish("from/source", source, 2);
    setup.queue.publish("empty", "", 1);
    setup.connect();
    setup.broker.expect("PUBLISH", { topic: "plain/text", qos: 0, payload: Uint8Array.of(0xc3, 0xa4) });
    setup.broker.expect("PUBLISH", { topic: "prepared", qos: 1, retain: true, payload: Uint8Array.of(255, 0) });
    setup.broker.expect("PUBLISH", { topic: "from/source", qos: 2, payload: Uint8Array.of(1, 2, 3) });
    setup.broker.expect("PUBLISH", { topic: "empty", qos: 1, payload: new Uint8Array() });
  });

  it("keeps what waits when the connection breaks again", () => {
    const setup = start(version, {}, { inflight: 1 });
    publish(setup, "one", "two", "three");
    setup.connect();
    setup.broker.send(puback(1));
    expect(setup.sent()).toEqual(["one", "two"]);
    setup.broker.drop();
    publish(setup, "four");
    setup.connect();
    expect(setup.sent()).toEqual(["two"]); // again
    setup.broker.send(puback(2));
    setup.broker.send(puback(3));
    expect(setup.sent()).toEqual(["three", "four"]);
  });

  it("is as long as it was made, and then refuses", () => {
    const setup = start(version, { bytes: 100, packetSize: 40 });
    expect(publish(setup, ...Array.from("123456789"))).toEqual(Array.from("123456789").map((_, index) => index < 5)); // 17 bytes and 2, each
    setup.connect();
    expect(setup.sent()).toEqual(Array.from("1234"));
    expect(setup.events).not.toContain("dropped");
  });

  it("drops the oldest to make room, if told to", () => {
    const setup = start(version, { bytes: 100, packetSize: 40, whenFull: "drop-oldest" }, { inflight: 9 });
    expect(publish(setup, ...Array.from("1234567"))).not.toContain(false);
    expect(setup.events.filter((event) => event === "dropped")).toHaveLength(2);
    setup.connect();
    expect(setup.sent()).toEqual(Array.from("34567"));
  });

  it("drops the newest where there is no room, if told to", () => {
    const setup = start(version, { bytes: 100, packetSize: 40, whenFull: "drop-newest" }, { inflight: 9 });
    expect(publish(setup, ...Array.from("1234567"))).toEqual([true, true, true, true, true, false, false]);
    expect(setup.events.filter((event) => event === "dropped")).toHaveLength(2);
    setup.connect();
    expect(setup.sent()).toEqual(Array.from("12345"));
  });

  it("gives up what has waited too long, and only that", () => {
    const setup = start(version, { expiry: 60 }, { connectTimeout: 1_000_000 });
    setup.queue.publish("t", "a minute", 1);
    setup.queue.publish("t", "for ever", 1, false, 0);
    setup.queue.publish("t", "an hour", 1, false, 3_600);
    setup.broker.clock.advance(60_000);
    setup.queue.publish("t", "new", 1);
    setup.connect();
    expect(setup.sent()).toEqual(["for ever", "an hour", "new"]);
    expect(setup.events.filter((event) => event === "expired")).toHaveLength(1);
  });

  it("makes room by what has expired, before it refuses", () => {
    const setup = start(version, { bytes: 100, packetSize: 40, expiry: 60 }, { connectTimeout: 1_000_000 });
    publish(setup, ...Array.from("12345"));
    expect(publish(setup, "6")).toEqual([false]);
    setup.broker.clock.advance(60_000);
    expect(publish(setup, "7")).toEqual([true]);
    setup.connect();
    expect(setup.sent()).toEqual(["7"]);
  });

  it("sends no faster than told while it drains, and at once afterwards", () => {
    const setup = start(version, { interval: 100 }, { inflight: 9 });
    publish(setup, "one", "two", "three");
    setup.connect();
    expect(setup.sent()).toEqual(["one"]);
    setup.broker.advance(99);
    expect(setup.sent()).toEqual([]);
    setup.broker.advance(1);
    expect(setup.sent()).toEqual(["two"]);
    publish(setup, "four");
    expect(setup.sent()).toEqual([]);
    setup.broker.advance(200);
    expect(setup.sent()).toEqual(["three", "four"]);
    setup.broker.advance(100);
    publish(setup, "five", "six");
    expect(setup.sent()).toEqual(["five", "six"]);
  });

  it("takes no message that its client could not send whole", () => {
    const setup = start(version, { packetSize: 64 }, { packetSize: 64 });
    expect(() => setup.queue.publish("t", "x".repeat(51), 1)).toThrow(expect.objectContaining({ code: "ERR_PACKET_SIZE" }));
    expect(setup.queue.publish("t", "x".repeat(50), 1)).toBe(true);
    expect(() => setup.queue.publish("t", { length: 3, read: () => 0 }, 1)).toThrow("payload: expected one that is ready at once");
    expect(() => setup.queue.publish("t", "x", 3 as QoS)).toThrow("qos: expected");
    expect(() => setup.queue.publish("t", "x", 1, false, -1)).toThrow("expiry: expected");
    expect(() => setup.queue.publish("t/#", "x", 1)).toThrow(expect.objectContaining({ code: "ERR_TOPIC" }));
    setup.connect();
    expect(setup.sent()).toEqual(["x".repeat(50)]);
  });

  it("may be published to from its own callbacks", () => {
    const more = ["!"];
    const onDropped = (): void => {
      for (const text of more.splice(0)) publish(setup, text);
    };
    const setup: Setup = start(version, { bytes: 100, packetSize: 40, whenFull: "drop-oldest", onDropped }, { inflight: 9 });
    expect(publish(setup, ...Array.from("123456"))).not.toContain(false);
    setup.connect();
    expect(setup.sent()).toEqual(Array.from("345!6"));
  });
});

describe("MQTT 5.0: a queue", () => {
  it("keeps properties", () => {
    const setup = start(V5);
    const properties = new Properties({ contentType: "text/plain", userProperties: { unit: "K" } });
    setup.queue.publish("t", "with", 1, false, 0, properties);
    setup.queue.publish("t", "without", 1);
    setup.connect();
    setup.broker.expect("PUBLISH", { properties: { contentType: "text/plain", userProperties: [["unit", "K"]] } } as object);
    setup.broker.expect("PUBLISH", { properties: {} } as object);
  });

  it("gives up what the server does not take, tells so, and goes on", () => {
    const setup = start(V5);
    setup.queue.publish("t", "retained", 0, true);
    setup.queue.publish("t", "plain", 1);
    setup.broker.acceptConnection({ properties: [Uint8Array.of(0x25, 0)] } as object);
    setup.queue.drain();
    expect(setup.events).toContain("refused ERR_NOT_SUPPORTED");
    expect(setup.sent()).toEqual(["plain"]);
    expect(() => setup.queue.publish("t", "retained", 0, true)).toThrow(expect.objectContaining({ code: "ERR_NOT_SUPPORTED" }));
  });
});

describe("Options of a queue", () => {
  it.each([
    [{ client: undefined }, "client: expected a Client"],
    [{ clock: {} }, "clock: expected a Clock, from one of the hosts"],
    [{ whenFull: "explode" }, "whenFull: expected refuse, drop-oldest, drop-newest"],
    [{ packetSize: 8 }, "packetSize: expected a whole number from 32 to 65535"],
    [{ bytes: 100, packetSize: 100 }, "bytes: expected a whole number from 102 to 16777215"],
    [{ messages: 0 }, "messages: expected a whole number from 1 to 8191"],
    [{ expiry: 1.5 }, "expiry: expected a whole number from 0 to 4294967295"],
    [{ interval: -1 }, "interval: expected a whole number from 0 to 2147483647"],
  ])("%j: %s", (options, message) => {
    expect(() => start(V5, options as object)).toThrow(message);
  });
});
