import { describe, expect, it } from "vitest";
import { WOULD_BLOCK, type ClientOptions, type PayloadSource } from "mqtt-xs";
import { Journal, StoredSession } from "mqtt-xs/store";
import { PERSISTENT, reconnect } from "../conformance/support.js";
import { V3, V5, VERSIONS, type Fixture, type Version } from "../conformance/both/versions.js";
import { FailingFlash } from "./support/failing-flash.js";

/** A device with its flash, connected. */
interface Device extends Fixture {
  readonly flash: FailingFlash;
  readonly errors: string[];
}

type Options = Partial<Pick<ClientOptions, "packetSize" | "inflight" | "receiveMaximum" | "clean" | "clientId">>;

function storedSession(flash: FailingFlash, errors: string[]): StoredSession {
  const onError = ({ code, message }: { code: string; message: string }): unknown => errors.push(`${code}: ${message}`);
  return new StoredSession(new Journal(flash, { onError }), onError);
}

/** Starts a device with what its flash holds, and connects. */
function boot(version: Version, flash = new FailingFlash(4, 1_024), options: Options = {}, sessionPresent = true): Device {
  const errors: string[] = [];
  const session = storedSession(flash, errors);
  const fixture = version.connect({ ...PERSISTENT, ...options, session }, {}, { sessionPresent });
  return { ...fixture, flash, errors };
}

/** The power goes, and comes back. */
function reboot(version: Version, device: Device, options: Options = {}, sessionPresent = true): Device {
  return boot(version, device.flash.again(), options, sessionPresent);
}

describe.each(VERSIONS)("$name: a stored session", (version) => {
  const { puback, pubcomp, publish, pubrec, pubrel } = version;

  it("sends again after a reboot what was not acknowledged, in order, marked as repeated", () => {
    const before = boot(version);
    for (const text of ["one", "two", "three"]) before.client.publish("t", text, 1);
    before.broker.send(puback(2));
    const { broker, client, errors } = reboot(version, before);
    expect(client.inflight).toBe(2);
    broker.expect("PUBLISH", { identifier: 1, qos: 1, dup: true, topic: "t" });
    broker.expect("PUBLISH", { identifier: 3, qos: 1, dup: true, topic: "t" });
    broker.expectNothing();
    broker.sendTogether(puback(1), puback(3));
    expect(client.inflight).toBe(0);
    expect(errors).toEqual([]);
  });

  it("sends PUBREL where PUBREC was seen, and PUBLISH where it was not", () => {
    const before = boot(version);
    for (const text of ["one", "two", "three"]) before.client.publish("t", text, 2);
    before.broker.sendTogether(pubrec(2), pubrec(1), pubcomp(2));
    const { broker, client } = reboot(version, before);
    const sent = broker.takePackets();
    expect(sent).toHaveLength(2);
    expect(sent).toContainEqual(expect.objectContaining({ type: "PUBLISH", identifier: 3, qos: 2, dup: true }));
    expect(sent).toContainEqual(expect.objectContaining({ type: "PUBREL", identifier: 1 }));
    broker.sendTogether(pubrec(3), pubcomp(1));
    broker.expect("PUBREL", { identifier: 3 });
    broker.send(pubcomp(3));
    expect(client.inflight).toBe(0);
  });

  it("sends PUBRELs in the order of the PUBRECs", () => {
    const before = boot(version);
    for (const text of ["one", "two", "three"]) before.client.publish("t", text, 2);
    before.broker.sendTogether(pubrec(3), pubrec(1), pubrec(2));
    const { broker } = reboot(version, before);
    for (const identifier of [3, 1, 2]) broker.expect("PUBREL", { identifier });
  });

  it("keeps what was published before the first connection", () => {
    const flash = new FailingFlash(4, 1_024);
    version.start({ ...PERSISTENT, session: storedSession(flash, []) }).client.publish("t", "one", 1);
    boot(version, flash.again(), {}, false).broker.expect("PUBLISH", { identifier: 1, qos: 1, dup: false });
  });

  it("knows received QoS 2 messages again, until their PUBREL", () => {
    const before = boot(version);
    before.broker.sendTogether(
      publish({ topic: "t", payload: "x", qos: 2, identifier: 7 }),
      publish({ topic: "t", payload: "y", qos: 2, identifier: 8 }),
      pubrel(8),
    );
    expect(before.events).toEqual(["message t: x", "message t: y"]);
    const { broker, events } = reboot(version, before);
    broker.send(publish({ topic: "t", payload: "x", qos: 2, identifier: 7, dup: true }));
    expect(events).toEqual([]);
    broker.expect("PUBREC", { identifier: 7 });
    broker.send(publish({ topic: "t", payload: "z", qos: 2, identifier: 8 }));
    expect(events).toEqual(["message t: z"]);
    broker.expect("PUBREC", { identifier: 8 });
  });

  it("goes on counting packet identifiers, after all was acknowledged, too", () => {
    const before = boot(version);
    expect(before.client.publish("t", "x", 1)).toBe(1);
    before.broker.send(puback(1));
    const after = reboot(version, before);
    const identifier = after.client.publish("t", "x", 1);
    expect(identifier).toBeGreaterThan(1);
    after.broker.send(puback(identifier));
    expect(reboot(version, after).client.publish("t", "x", 1)).toBeGreaterThan(identifier);
  });

  it("counts past 65,535 with an identifier still in use", () => {
    let device = boot(version);
    expect(device.client.publish("t", "stays", 1)).toBe(1);
    for (let turn = 0; turn < 260; turn++, device = reboot(version, device)) {
      const identifier = device.client.publish("t", "x", 1);
      expect(identifier).toBeGreaterThan(1);
      device.broker.send(puback(identifier));
    }
    expect(device.client.inflight).toBe(1);
    expect(device.errors).toEqual([]);
  });

  it("sends anew what the server lost with its session, and takes over what it had taken over", () => {
    const before = boot(version);
    before.client.publish("t", "one", 1);
    before.client.publish("t", "two", 2);
    before.broker.send(pubrec(2));
    const { broker, client, flash, errors } = reboot(version, before, {}, false);
    broker.expect("PUBLISH", { identifier: 1, dup: false });
    expect(client.inflight).toBe(1);
    expect(boot(version, flash.again()).client.inflight).toBe(1);
    expect(errors).toEqual([]);
  });

  it("forgets received identifiers with a session that the server has lost", () => {
    const before = boot(version);
    before.broker.send(publish({ topic: "t", payload: "x", qos: 2, identifier: 7 }));
    const between = reboot(version, before, {}, false);
    const { broker, events } = reboot(version, between);
    broker.send(publish({ topic: "t", payload: "another", qos: 2, identifier: 7 }));
    expect(events).toEqual(["message t: another"]);
  });

  it("has a message stored before it leaves, and its acknowledgement before the answer to that", () => {
    const { broker, client, flash } = boot(version);
    const inFlash: number[] = [];
    const write = broker.transport.write.bind(broker.transport);
    broker.transport.write = (source, length) => {
      inFlash.push(boot(version, flash.again()).client.inflight);
      return write(source, length);
    };
    client.publish("t", "one", 2);
    broker.send(pubrec(1));
    broker.send(pubcomp(1));
    expect(inFlash).toEqual([1, 1]);
    expect(boot(version, flash.again()).client.inflight).toBe(0);
  });

  it("has a received QoS 2 identifier stored before the application gets the message", () => {
    const flash = new FailingFlash(4, 1_024);
    let stored = -1;
    const session = storedSession(flash, []);
    const onMessage = (): void => void (stored = new Journal(flash.again()).count);
    const { broker } = version.connect({ ...PERSISTENT, session, onMessage }, {}, { sessionPresent: true });
    const before = new Journal(flash.again()).count;
    broker.send(publish({ topic: "t", payload: "x", qos: 2, identifier: 7 }));
    expect(stored).toBe(before + 1);
  });

  it("blocks when the store is full, tells when there is room, and loses nothing", () => {
    const { broker, client, events } = boot(version, new FailingFlash(2, 512), { inflight: 8, packetSize: 128 });
    let published = 0;
    while (client.publish("t", "x".repeat(60), 1) !== WOULD_BLOCK) published++;
    expect(published).toBeGreaterThan(1);
    expect(published).toBeLessThan(8);
    expect(client.inflight).toBe(published);
    events.length = 0;
    broker.send(puback(1));
    expect(events).toContain("writable");
    expect(client.publish("t", "x".repeat(60), 1)).toBeGreaterThan(0);
  });

  it("throws when a message cannot be stored, which is not sent then", () => {
    const { broker, client, flash } = boot(version);
    flash.cutAfter = flash.steps + 30;
    expect(() => client.publish("t", "x", 1)).toThrow(expect.objectContaining({ code: "ERR_STORE", fault: "resources" }));
    expect(client.inflight).toBe(0);
    broker.expectNothing();
    flash.cutAfter = Infinity;
    expect(client.publish("t", "x", 1)).toBe(2);
    broker.expect("PUBLISH", { identifier: 2 });
  });

  it("tells of acknowledgements that cannot be stored, and goes on", () => {
    const { broker, client, flash, errors } = boot(version);
    client.publish("t", "x", 2);
    broker.expect("PUBLISH");
    flash.cutAfter = flash.steps;
    broker.send(pubrec(1));
    broker.expect("PUBREL", { identifier: 1 });
    broker.send(publish({ topic: "t", payload: "x", qos: 2, identifier: 7 }));
    broker.expect("PUBREC", { identifier: 7 });
    broker.send(pubcomp(1));
    expect(client.inflight).toBe(0);
    expect(new Set(errors)).toEqual(
      new Set(["ERR_STORE: an acknowledgement could not be stored", "ERR_STORE: the store failed: Error: the power is gone"]),
    );
  });

  it("refuses messages that it cannot store whole", () => {
    const { client } = boot(version, undefined, { packetSize: 64 });
    const isRefused = expect.objectContaining({ code: "ERR_PACKET_SIZE", fault: "caller" }) as Error;
    expect(() => client.publish("t", "x".repeat(100), 1)).toThrow(isRefused);
    const notReady: PayloadSource = { length: 3, read: () => 0 };
    expect(() => client.publish("t", notReady, 1)).toThrow(isRefused);
    expect(client.inflight).toBe(0);
    expect(client.publish("t", "x".repeat(100))).toBe(0);
  });

  it("works with smaller limits than the session was stored with", () => {
    const before = boot(version, undefined, { inflight: 4, receiveMaximum: 4 });
    for (const text of ["one", "two", "three"]) before.client.publish("t", text, 1);
    for (const identifier of [7, 8, 9]) before.broker.send(publish({ topic: "t", payload: "x", qos: 2, identifier }));
    const { broker, client, events } = reboot(version, before, { inflight: 1, receiveMaximum: 1 });
    for (const identifier of [1, 2, 3]) broker.expect("PUBLISH", { identifier });
    broker.sendTogether(puback(1), puback(2), puback(3));
    expect(client.inflight).toBe(0);
    events.length = 0;
    broker.send(publish({ topic: "t", payload: "x", qos: 2, identifier: 8, dup: true }));
    expect(events).toEqual([]);
  });

  it("drops, and tells of, a message that does not fit packetSize any more", () => {
    const before = boot(version, undefined, { packetSize: 128 });
    before.client.publish("t", "x".repeat(100), 1);
    before.client.publish("t", "short", 1);
    const { client, errors } = reboot(version, before, { packetSize: 64 });
    expect(client.inflight).toBe(1);
    expect(errors).toEqual(["ERR_STORE: a stored message does not fit packetSize: dropped"]);
  });

  it("drops alone, and tells of, a message that was damaged", () => {
    const before = boot(version);
    for (const text of ["one", "two", "three"]) before.client.publish("t", text, 1);
    const at = Buffer.from(before.flash.bytes).indexOf("two");
    before.flash.bytes[at] ^= 1;
    const { broker, client, errors } = reboot(version, before);
    expect(client.inflight).toBe(2);
    for (const identifier of [1, 3]) broker.expect("PUBLISH", { identifier });
    expect(errors).toEqual(["ERR_STORE: the store held a record that was torn or damaged: dropped"]);
  });

  it("survives reconnects as one in memory does", () => {
    const device = boot(version);
    device.client.publish("t", "one", 1);
    device.broker.expect("PUBLISH", { identifier: 1, dup: false });
    reconnect(device, { sessionPresent: true });
    device.broker.expect("PUBLISH", { identifier: 1, dup: true });
    device.broker.send(puback(1));
    expect(boot(version, device.flash.again()).client.inflight).toBe(0);
  });

  it("is refused without `clean: false` and an identifier, or when no packet would fit the store", () => {
    const start = (options: Options, flash = new FailingFlash(4, 1_024)): unknown =>
      version.start({ ...PERSISTENT, ...options, session: storedSession(flash, []) });
    expect(() => start({ clean: true })).toThrow("clean: expected false, with a clientId, for a stored session");
    expect(() => start({ clientId: "" })).toThrow(expect.objectContaining({ code: "ERR_ARGUMENT" }));
    expect(() => start({ packetSize: 512 }, new FailingFlash(4, 256))).toThrow("packetSize: expected less");
  });
});

describe("A session stored by a client of one version", () => {
  it.each([
    [V3, V5],
    [V5, V3],
  ])("is not sent by one of another, which tells so", (first, second) => {
    const before = boot(first);
    before.client.publish("t", "one", 1);
    const { broker, client, errors, flash } = reboot(second, before);
    expect(client.inflight).toBe(0);
    broker.expectNothing();
    expect(errors).toEqual(["ERR_STORE: a message was stored for another version of the protocol: dropped"]);
    expect(boot(second, flash.again()).errors).toEqual([]);
  });
});

describe("MQTT 5.0: a stored session", () => {
  it("ends with a refusal: the message is not sent again", () => {
    const before = boot(V5);
    before.client.publish("t", "one", 2);
    before.client.publish("t", "two", 1);
    before.broker.send("50 03 00 01 97");
    before.broker.send("40 03 00 02 97");
    expect(before.client.inflight).toBe(0);
    expect(reboot(V5, before).client.inflight).toBe(0);
  });
});
