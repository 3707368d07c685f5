import { beforeEach, describe, expect, it } from "vitest";
import { ManualClock } from "./manual-clock.js";
import { concat, hex, mqttString, packet, parsePackets, publish, suback, toHex, uint16 } from "./packets.js";
import { RecordingListener } from "./recording-listener.js";
import { ScriptedBroker } from "./scripted-broker.js";

let broker: ScriptedBroker;
let listener: RecordingListener;

beforeEach(() => {
  broker = new ScriptedBroker();
  listener = new RecordingListener();
});

function write(bytes: Uint8Array): boolean {
  const source = new Uint8Array(new ArrayBuffer(64, { maxByteLength: 64 }));
  source.set(bytes);
  return broker.transport.write(source, bytes.length);
}

function open(): void {
  broker.transport.open(listener);
  broker.transport.accept();
}

describe("the scripted broker", () => {
  it("passes when the client's packet has the expected fields, and takes it", () => {
    open();
    write(concat(publish({ topic: "a", payload: "hi", qos: 1, identifier: 7 }), hex("c0 00")));
    expect(broker.expect("PUBLISH", { topic: "a", payload: "hi" }).identifier).toBe(7);
    broker.expectBytes("c0 00");
    broker.expectNothing();
  });

  it.each<[string, () => void]>([
    ["another type", () => broker.expect("PUBACK")],
    ["another field", () => broker.expect("PUBLISH", { identifier: 8 })],
    ["other bytes", () => broker.expectBytes("00")],
    ["something", () => broker.expectNothing()],
    ["an open connection", () => broker.expectClosed()],
  ])("fails with %s", (_what, expectation) => {
    open();
    write(publish({ topic: "a", qos: 1, identifier: 7 }));
    expect(expectation).toThrow();
  });

  it("fails with nothing where a packet is expected", () => {
    open();
    expect(() => broker.expect("PINGREQ")).toThrow("PINGREQ expected: the client has sent nothing");
  });

  it("fails once the client has broken its transport's contract, even if that was swallowed", () => {
    expect(() => write(hex("c0 00"))).toThrow("write was called while closed");
    expect(() => broker.expectNothing()).toThrow("write was called while closed");
  });
});

describe("the transport in memory", () => {
  it("tells once for each piece, and gives what is left unread later", () => {
    open();
    broker.send("01 02 03", [1]);
    expect(listener.calls).toEqual(["onOpen", "onReadable", "onReadable"]);
    const target = new Uint8Array(2);
    expect([broker.transport.read(target, 0, 2), broker.transport.read(target, 0, 2)]).toEqual([2, 1]);
    expect(broker.transport.read(target, 0, 2)).toBe(0);
  });

  it("refuses a write without room, whole, and tells when there is some", () => {
    open();
    broker.transport.room = 1;
    expect(write(hex("c0 00"))).toBe(false);
    broker.expectNothing();
    broker.transport.makeRoom(1);
    expect(listener.calls).toEqual(["onOpen", "onWritable"]);
    expect(write(hex("c0 00"))).toBe(true);
  });

  it("does not accept a second open, nor a view that cannot be shrunk", () => {
    open();
    expect(() => {
      broker.transport.open(listener);
    }).toThrow("open was called while open");
    expect(() => broker.transport.write(new Uint8Array(2), 2)).toThrow("resizable");
  });
});

describe("the manual clock", () => {
  it("fires in the order of time, then of arming, and timers armed meanwhile too", () => {
    const clock = new ManualClock(2 ** 32 - 5);
    const fired: string[] = [];
    const late = clock.createTimer(() => fired.push(`late ${clock.now()}`));
    const early = clock.createTimer(() => {
      fired.push(`early ${clock.now()}`);
      late.schedule(10);
    });
    late.schedule(100);
    early.schedule(10);
    clock.advance(20);
    expect(fired).toEqual(["early 5", "late 15"]);
    expect(clock.armed).toBe(0);
  });
});

describe("the packet parser", () => {
  it("takes several packets apart", () => {
    const bytes = concat(
      packet(0x82, uint16(3), mqttString("a/+"), Uint8Array.of(1)),
      packet(0xa2, uint16(4), mqttString("b")),
    );
    expect(parsePackets(bytes)).toMatchObject([
      { type: "SUBSCRIBE", identifier: 3, subscriptions: [{ topicFilter: "a/+", qos: 1 }] },
      { type: "UNSUBSCRIBE", identifier: 4, topicFilters: ["b"] },
    ]);
  });

  it.each([
    ["flags that are reserved", "41 02 00 01"],
    ["identifier 0", "40 02 00 00"],
    ["a packet that servers send", toHex(suback(1, 0))],
    ["a wildcard in a topic name", "30 03 00 01 23"],
    ["bytes past the content", "40 03 00 01 00"],
    ["a Remaining Length that is longer than need be", "40 82 00 00 01"],
    ["a packet that is cut off", "40 02 00"],
    ["DUP with QoS 0", "38 03 00 01 61"],
  ])("refuses %s", (_what, bytes) => {
    expect(() => parsePackets(hex(bytes))).toThrow();
  });
});
