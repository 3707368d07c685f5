import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { v3 } from "../../src/codec/v3.js";
import type { MqttError } from "../../src/errors.js";
import type { ByteStream } from "../../src/session/byte-stream.js";
import { Receiver } from "../../src/session/receiver.js";
import { concat, connack, hex, pingresp, puback, publish, pubrel, suback, toHex, unsuback, utf8 } from "../support/packets.js";

/** Writes down a line for each packet or piece, and the error that ended the stream. */
class Recorder extends Receiver {
  readonly events: string[] = [];
  /** Set to have no more packets taken until `go`. */
  full = false;
  private broken = false;

  constructor(size: number) {
    let waiting: Uint8Array = new Uint8Array(0);
    const stream: ByteStream = {
      read(target, start, end) {
        expect(start).toBeLessThan(end); // there is always room for one byte
        const taken = waiting.slice(0, end - start);
        target.set(taken, start);
        waiting = waiting.slice(taken.length);
        return taken.length;
      },
      write: () => expect.fail("a receiver does not write"),
    };
    super(v3, stream, size);
    this.arrive = (bytes) => {
      waiting = concat(waiting, bytes);
      this.receive();
    };
  }

  /** Bytes come in. */
  readonly arrive: (bytes: Uint8Array) => void;

  /** What has come in meanwhile can be taken. */
  go(): void {
    this.full = false;
    this.receive();
  }

  reset(): void {
    this.broken = false;
    this.halted = true;
    this.resetInput();
  }

  protected ready(): boolean {
    this.halted = this.broken || this.full;
    return !this.halted;
  }

  protected take(_: number, start: number, end: number): void {
    this.record(toHex(this.input.slice(start, end)));
  }

  protected takePublish(): void {
    const { flags, identifier, topic, offset, total } = this.message;
    this.record(`${topic}${flags > 1 ? ` #${identifier}` : ""} ${this.message.text()} @${offset}/${total}`);
  }

  protected fail(error: MqttError): void {
    this.broken = true;
    this.record(error.code);
  }

  private record(event: string): void {
    this.events.push(event);
    this.halted = true; // as after whatever owes an answer
  }
}

/** What a stream is cut into. */
function decode(stream: Uint8Array, size: number, splits: readonly number[] = []): string[] {
  const recorder = new Recorder(size);
  let from = 0;
  for (const to of [...splits, stream.length]) {
    recorder.arrive(stream.slice(from, to));
    from = to;
  }
  return recorder.events;
}

const EACH_BYTE = (length: number): number[] => Array.from({ length: length - 1 }, (_, index) => index + 1);

/** The payload "0123…" of so many characters. */
function digits(length: number): string {
  return Array.from({ length }, (_, index) => String(index % 10)).join("");
}

describe("whole packets", () => {
  it.each([
    ["CONNACK", connack({ sessionPresent: true }), "01 00"],
    ["PUBACK", puback(7), "00 07"],
    ["PUBREL", pubrel(65_535), "ff ff"],
    ["SUBACK", suback(1, 0, 1, 2, 128), "00 01 00 01 02 80"],
    ["UNSUBACK", unsuback(258), "01 02"],
    ["PINGRESP", pingresp(), ""],
    ["PUBLISH", publish({ topic: "a", payload: "xyz" }), "a xyz @0/3"],
    ["PUBLISH with an identifier", publish({ topic: "a", payload: "xyz", qos: 1, identifier: 300 }), "a #300 xyz @0/3"],
    ["PUBLISH without a payload", publish({ topic: "a/b", qos: 2, identifier: 1 }), "a/b #1  @0/0"],
  ])("%s, in one piece and byte by byte", (_, packet, event) => {
    expect(decode(packet, 32)).toEqual([event]);
    expect(decode(packet, 32, EACH_BYTE(packet.length))).toEqual([event]);
  });

  it("come one after the other out of one piece", () => {
    const stream = concat(connack(), publish({ topic: "a", payload: "1" }), pingresp(), publish({ topic: "b", payload: "2" }), puback(1));
    expect(decode(stream, 64)).toEqual(["00 00", "a 1 @0/1", "", "b 2 @0/1", "00 01"]);
  });

  it("make room at the front for one that is cut off by the end of the buffer", () => {
    const stream = concat(publish({ topic: "a", payload: digits(20) }), publish({ topic: "b", payload: digits(20) }));
    expect(decode(stream, 32)).toEqual([`a ${digits(20)} @0/20`, `b ${digits(20)} @0/20`]);
  });

  it("may have a Remaining Length in more bytes than it takes, which 3.1.1 does not forbid", () => {
    expect(decode(hex("40 82 80 80 00 00 05"), 32)).toEqual(["00 05"]);
  });

  it("wait, however many, while they cannot be answered, and are taken in order when they can", () => {
    const recorder = new Recorder(32);
    const packets = Array.from({ length: 30 }, (_, index) => puback(index + 1));
    recorder.full = true;
    for (const packet of packets) recorder.arrive(packet);
    expect(recorder.events).toEqual([]);
    recorder.go();
    expect(recorder.events).toEqual(packets.map((packet) => toHex(packet.slice(2))));
  });
});

describe("a PUBLISH that just fits, and one that does not", () => {
  // 2 bytes of fixed header, 3 of topic: 27 bytes of payload fill 32.
  it.each([
    [26, [`t ${digits(26)} @0/26`]],
    [27, [`t ${digits(27)} @0/27`]],
    [28, [`t ${digits(27)} @0/28`, "t 7 @27/28"]],
    [54, [`t ${digits(27)} @0/54`, `t ${digits(54).slice(27)} @27/54`]],
    [55, [`t ${digits(27)} @0/55`, `t ${digits(54).slice(27)} @27/55`, "t 4 @54/55"]],
  ])("with %i bytes of payload in a buffer of 32", (length, events) => {
    const packet = publish({ topic: "t", payload: digits(length) });
    const stream = concat(packet, puback(9), packet);
    expect(decode(stream, 32)).toEqual([...events, "00 09", ...events]);
    expect(decode(stream, 32, EACH_BYTE(stream.length))).toEqual([...events, "00 09", ...events]);
  });

  it("comes in pieces that are as long as the room behind the topic and identifier", () => {
    const packet = publish({ topic: "topic", payload: digits(200), qos: 2, identifier: 513 });
    const pieces = decode(packet, 32).map((event) => /^topic #513 (\d+) @(\d+)\/200$/.exec(event) ?? expect.fail(event));
    expect(pieces.map(([, payload]) => payload).join("")).toBe(digits(200));
    expect(pieces.map(([, , offset]) => Number(offset))).toEqual([0, 20, 40, 60, 80, 100, 120, 140, 160, 180]);
  });

  it("is moved to the front first when it starts behind others", () => {
    const stream = concat(puback(1), puback(2), publish({ topic: "t", payload: digits(40) }), puback(3));
    const events = ["00 01", "00 02", `t ${digits(27)} @0/40`, `t ${digits(40).slice(27)} @27/40`, "00 03"];
    expect(decode(stream, 32)).toEqual(events);
  });
});

describe("a topic too long for the buffer is refused by name, not cut", () => {
  it.each([
    ["itself", 40, 0],
    ["its identifier", 27, 5],
    ["any payload behind it", 26, 20],
    ["a payload, though topic and identifier would fit alone", 28, 1],
  ])("where there is no room for %s", (_, topicLength, payloadLength) => {
    const stream = publish({ topic: "t".repeat(topicLength), payload: digits(payloadLength), qos: 1 });
    expect(decode(stream, 32)).toEqual(["ERR_RECEIVE_SIZE"]);
    expect(decode(stream, 32, EACH_BYTE(stream.length))).toEqual(["ERR_RECEIVE_SIZE"]);
  });

  it("but is taken while one byte of payload fits", () => {
    const stream = publish({ topic: "t".repeat(25), payload: "xyz", qos: 1, identifier: 1 });
    const topic = "t".repeat(25);
    expect(decode(stream, 32)).toEqual([`${topic} #1 x @0/3`, `${topic} #1 y @1/3`, `${topic} #1 z @2/3`]);
  });
});

describe("a broken stream", () => {
  it.each([
    ["a type only a client sends", "10 00", "ERR_PROTOCOL"],
    ["a reserved type", "f0 00", "ERR_PROTOCOL"],
    ["reserved flags", "41 02 00 01", "ERR_MALFORMED_PACKET"],
    ["QoS 3", "36 05 00 01 61 00 01", "ERR_MALFORMED_PACKET"],
    ["a Remaining Length of five bytes", "30 80 80 80 80 01", "ERR_MALFORMED_PACKET"],
    ["a length that its type cannot have", "40 03 00 01 00", "ERR_MALFORMED_PACKET"],
    ["bad UTF-8 in a topic", "30 04 00 02 c3 28", "ERR_MALFORMED_PACKET"],
    ["a SUBACK larger than any SUBSCRIBE sent", "90 7f 00 01", "ERR_PROTOCOL"],
  ])("with %s", (_, bytes, code) => {
    const stream = concat(puback(1), hex(bytes), puback(2));
    expect(decode(stream, 64)).toEqual(["00 01", code]);
    expect(decode(stream, 64, EACH_BYTE(stream.length))).toEqual(["00 01", code]);
  });

  it("is seen at the first byte that breaks it", () => {
    expect(decode(hex("10"), 32)).toEqual(["ERR_PROTOCOL"]);
    expect(decode(hex("40 03"), 32)).toEqual(["ERR_MALFORMED_PACKET"]);
    expect(decode(hex("30 ff ff ff ff"), 32)).toEqual(["ERR_MALFORMED_PACKET"]);
  });

  it("has the same end in a message larger than the buffer", () => {
    expect(decode(concat(hex("30 64 00 02 c3 28"), utf8(digits(96))), 32)).toEqual(["ERR_MALFORMED_PACKET"]);
  });
});

describe("another stream", () => {
  it.each([
    ["half a packet", hex("40 02 00")],
    ["half a message of several pieces", publish({ topic: "t", payload: digits(90) }).slice(0, 40)],
    ["a broken packet", hex("10 00")],
  ])("knows nothing of %s before it", (_, bytes) => {
    const recorder = new Recorder(32);
    recorder.arrive(bytes);
    recorder.reset();
    recorder.events.length = 0;
    recorder.arrive(puback(1));
    expect(recorder.events).toEqual(["00 01"]);
  });
});

it("an exception leaves what is behind the packet for the next call, and takes none twice", () => {
  class Throwing extends Recorder {
    protected override take(type: number, start: number, end: number): void {
      super.take(type, start, end);
      if (this.events.length === 2) throw new Error("in a callback");
    }
  }
  const recorder = new Throwing(32);
  const packets = [1, 2, 3, 4].map(puback);
  expect(() => recorder.arrive(concat(...packets))).toThrow("in a callback");
  recorder.go();
  expect(recorder.events).toEqual(packets.map((packet) => toHex(packet.slice(2))));
});

it("cuts any stream alike, however it is split", () => {
  const packet = fc.oneof(
    fc.constantFrom(pingresp(), puback(1), pubrel(2), suback(3, 0, 128), unsuback(4)),
    fc
      .record({
        topic: fc.string({ unit: fc.constantFrom("a", "/", "é"), minLength: 1, maxLength: 16 }),
        payload: fc.nat(150).map(digits),
        qos: fc.constantFrom<0 | 1 | 2>(0, 1, 2),
        identifier: fc.integer({ min: 1, max: 65_535 }),
      })
      .map(publish),
    fc.uint8Array({ maxLength: 8 }), // mostly breaks the stream
  );
  const streams = fc.array(packet, { minLength: 1, maxLength: 8 }).map((packets) => concat(...packets));
  fc.assert(
    fc.property(streams, fc.integer({ min: 32, max: 80 }), fc.array(fc.nat(1_000)), (stream, size, cuts) => {
      const splits = cuts.map((cut) => cut % (stream.length + 1)).toSorted((left, right) => left - right);
      const whole = decode(stream, size);
      expect(decode(stream, size, splits)).toEqual(whole);
      expect(decode(stream, size, EACH_BYTE(stream.length))).toEqual(whole);
    }),
    { numRuns: 500 },
  );
});
