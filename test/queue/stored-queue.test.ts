import { describe, expect, it } from "vitest";
import { Queue, type QueueClient, type QueuedProperties, type QueueOptions } from "mqtt-xs/queue";
import { Journal, StoredSession } from "mqtt-xs/store";
import { PERSISTENT } from "../conformance/support.js";
import { VERSIONS, type Fixture, type Version } from "../conformance/both/versions.js";
import { FailingFlash } from "../store/support/failing-flash.js";

interface Device extends Fixture {
  readonly flash: FailingFlash;
  readonly queue: Queue<QueuedProperties>;
  readonly errors: string[];
}

const SIZES = { packetSize: 64, inflight: 2 };

/** Starts a device with what its flash holds; it is not connected. */
function boot(version: Version, flash = new FailingFlash(4, 512), options: Partial<QueueOptions<QueuedProperties>> = {}): Device {
  const errors: string[] = [];
  const onError = ({ message }: { message: string }): void => void errors.push(message);
  const session = new StoredSession(new Journal(flash, { onError }), onError);
  const fixture = version.start({ ...PERSISTENT, ...SIZES, connectTimeout: 1e9, session, onWritable: () => queue.drain() });
  const { broker, client } = fixture;
  const given = { client: client as QueueClient<QueuedProperties>, clock: broker.clock, packetSize: SIZES.packetSize, session };
  const queue: Queue<QueuedProperties> = new Queue({ ...given, ...options });
  return { ...fixture, flash, queue, errors };
}

function connect({ broker, queue }: Device): void {
  broker.acceptConnection({ sessionPresent: true });
  queue.drain();
}

/** Texts of the messages that have gone out, each with its identifier, in order. */
function sent({ broker }: Device): [number, string][] {
  return broker
    .takePackets()
    .flatMap((packet) => (packet.type === "PUBLISH" ? [[packet.identifier, new TextDecoder().decode(packet.payload)] as [number, string]] : []));
}

describe.each(VERSIONS)("$name: a stored queue", (version) => {
  const { puback } = version;

  it("outlives a loss of power, in order", () => {
    const before = boot(version);
    for (const text of ["one", "two", "three"]) expect(before.queue.publish("t", text, 1)).toBe(true);
    const device = boot(version, before.flash.again());
    expect(device.queue.length).toBe(3);
    device.queue.publish("t", "four", 1);
    connect(device);
    const first = sent(device);
    expect(first.map(([, text]) => text)).toEqual(["one", "two"]);
    for (const [identifier] of first) device.broker.send(puback(identifier));
    expect(sent(device).map(([, text]) => text)).toEqual(["three", "four"]);
    expect(device.queue.length).toBe(0);
  });

  it("leaves room for messages to go from the queue to the session", () => {
    const device = boot(version, new FailingFlash(2, 512));
    let queued = 0;
    while (device.queue.publish("t", `message ${queued}`, 1)) queued++;
    expect(queued).toBeGreaterThan(4);
    connect(device);
    const all: string[] = [];
    for (let packets = sent(device); packets.length > 0; packets = sent(device))
      for (const [identifier, text] of packets) {
        all.push(text);
        device.broker.send(puback(identifier));
      }
    expect(all).toEqual(Array.from({ length: queued }, (_, index) => `message ${index}`));
    expect(device.errors).toEqual([]);
  });

  it("takes as many messages as told, and drops the oldest if told to", () => {
    const device = boot(version, undefined, { messages: 3, whenFull: "drop-oldest" });
    for (const text of ["one", "two", "three", "four"]) expect(device.queue.publish("t", text, 1)).toBe(true);
    const again = boot(version, device.flash.again());
    connect(again);
    expect(sent(again).map(([, text]) => text)).toEqual(["two", "three"]);
  });

  it("refuses QoS 0, which could arrive twice", () => {
    expect(() => boot(version).queue.publish("t", "x", 0)).toThrow("qos: expected 1 or 2, where the queue is stored");
  });

  it("refuses a store in which no message could go from the queue to the session", () => {
    expect(() => boot(version, new FailingFlash(4, 256))).toThrow("packetSize: expected less than half of what fits the store");
  });

  it("goes on with the age of messages where it was when the power went", () => {
    const before = boot(version, undefined, { expiry: 60 });
    before.queue.publish("t", "one", 1);
    before.broker.clock.advance(50_000);
    before.queue.publish("t", "two", 1);
    const device = boot(version, before.flash.again(), { expiry: 60 });
    device.broker.clock.advance(10_000);
    connect(device);
    expect(sent(device).map(([, text]) => text)).toEqual(["two"]);
  });

  it("tells the age of messages by the time of day, where that is known", () => {
    let seconds = 5; // not set yet
    const options = { expiry: 60, time: (): number => seconds };
    const before = boot(version, undefined, options);
    before.queue.publish("t", "of unknown age", 1);
    seconds = 1_800_000_000;
    before.queue.publish("t", "old", 1);
    seconds += 30;
    before.queue.publish("t", "new", 1);
    seconds += 31;
    const device = boot(version, before.flash.again(), options);
    connect(device);
    expect(sent(device).map(([, text]) => text)).toEqual(["of unknown age", "new"]);
  });

  it("has each message in the queue or in the session, wherever the power goes while it moves", () => {
    const before = boot(version);
    for (const text of ["one", "two", "three"]) before.queue.publish("t", text, 2);
    const start = boot(version, before.flash.again());
    const idle = start.flash.steps;
    connect(start);
    const steps = start.flash.steps;
    expect(sent(start)).toHaveLength(2);
    expect(steps - idle).toBeGreaterThan(80);
    for (let cut = idle; cut <= steps; cut++) {
      const device = boot(version, before.flash.again(cut));
      connect(device);
      const after = boot(version, device.flash.again());
      expect(after.client.inflight + after.queue.length, `cut after ${cut}`).toBe(3);
      connect(after);
      expect(new Set(sent(after).map(([, text]) => text)), `cut after ${cut}`).toEqual(new Set(["one", "two"]));
    }
  });

  it("gives no number to a message that one in the session still has", () => {
    const device = boot(version);
    connect(device);
    device.broker.drop();
    device.queue.publish("t", "stays", 1);
    device.broker.advance(0);
    connect(device);
    const [[stays]] = sent(device);
    for (let round = 0; round < 3; round++) {
      device.broker.drop();
      for (let index = 0; index < 4; index++) expect(device.queue.publish("t", "x", 1)).toBe(true);
      device.broker.advance(0);
      connect(device);
      for (let packets = sent(device); packets.length > 0; packets = sent(device))
        for (const [identifier] of packets) if (identifier !== stays) device.broker.send(puback(identifier));
    }
    const again = boot(version, device.flash.again());
    expect([again.client.inflight, again.queue.length]).toEqual([1, 0]);
  });
});
