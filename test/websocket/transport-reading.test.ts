import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MqttError } from "../../src/errors.js";
import { concat, hex, parsePackets, publish, uint16, utf8 } from "../support/packets.js";
import { BINARY, CLOSE, closeFrame, CONTINUATION, frame, PING, PONG, TEXT } from "./frames.js";
import { ScriptedServer } from "./scripted-server.js";

let server: ScriptedServer;

beforeEach(() => {
  server = new ScriptedServer();
  server.open();
  server.listener.calls.length = 0;
});

afterEach(() => {
  expect(server.inner.violations).toEqual([]);
});

const error = (): MqttError | undefined => server.listener.error;
const text = (): string => Buffer.from(server.received).toString();

/** Opcodes and payloads of what the client has sent. */
const sent = (): [number, string][] => server.frames().map(({ opcode, payload }) => [opcode, payload.toString("latin1")]);

/** Has the owner read whatever is there from now on, other than in a callback. */
function readLater(): void {
  server.readSize = 64;
  server.readAll();
}

describe("messages", () => {
  it.each([1, 125, 126, 127, 65_535, 65_536, 200_000])("of %i bytes are read whole", (size) => {
    const payload = Uint8Array.from({ length: size }, (_, at) => at * 7);
    server.send(frame(BINARY, payload));
    expect(server.received.length).toBe(size);
    expect(Uint8Array.from(server.received)).toEqual(payload);
  });

  it("may have a length in more bytes than it takes", () => {
    server.send(hex("82 7e 00 01 61 82 7f 00 00 00 00 00 00 00 02 62 63"));
    expect(text()).toBe("abc");
  });

  it("may be empty", () => {
    server.send(Buffer.concat([frame(BINARY), frame(BINARY, "a"), frame(BINARY), frame(BINARY, "b")]));
    expect(text()).toBe("ab");
  });

  it("come byte by byte", () => {
    server.sendByteByByte(Buffer.concat([frame(BINARY, "hello"), frame(BINARY, "x".repeat(126)), frame(BINARY, "there")]));
    expect(text()).toBe(`hello${"x".repeat(126)}there`);
  });

  it("hold parts of packets, and several packets", () => {
    const packets = [publish({ topic: "a", payload: "1" }), publish({ topic: "b", payload: "22" }), publish({ topic: "c", payload: "333" })];
    const bytes = concat(...packets);
    for (let at = 0; at <= bytes.length; at++) server.send(Buffer.concat([frame(BINARY, bytes.slice(0, at)), frame(BINARY, bytes.slice(at))]));
    expect(parsePackets(Uint8Array.from(server.received))).toHaveLength(3 * (bytes.length + 1));
  });

  it("come in fragments (RFC 6455, 5.4), some of them empty", () => {
    const fragments = [frame(BINARY, "a", false), frame(CONTINUATION, "", false), frame(CONTINUATION, "b", false), frame(CONTINUATION, "c")];
    server.send(Buffer.concat([...fragments, frame(BINARY, "d")]));
    expect(text()).toBe("abcd");
    expect(server.calls).toEqual(["onReadable"]);
  });

  it.each([1, 2, 3, 7, 64, 1_000])("are read %i bytes at a time", (size) => {
    server.readSize = size;
    server.send(Buffer.concat([frame(BINARY, "hello"), frame(PING, "?"), frame(BINARY, " "), frame(BINARY, "world".repeat(60))]));
    expect(text()).toBe(`hello ${"world".repeat(60)}`);
  });

  it("are read less than asked for only when no more are waiting", () => {
    server.readSize = 0;
    server.send(Buffer.concat([frame(BINARY, "ab"), frame(PING, "?"), frame(BINARY, "cd"), frame(BINARY, "e", false), frame(CONTINUATION, "fg")]));
    const target = new Uint8Array(new ArrayBuffer(9, { maxByteLength: 9 }));
    expect([server.transport.read(target, 0, 3), server.transport.read(target, 3, 4), server.transport.read(target, 4, 9)]).toEqual([3, 1, 3]);
    expect(Buffer.from(target.slice(0, 7)).toString()).toBe("abcdefg");
  });

  it("are left where they are until the owner reads", () => {
    server.readSize = 0;
    server.send(frame(BINARY, "hello"));
    expect(server.inner.unread).toBe(7);
    readLater();
    expect(text()).toBe("hello");
  });
});

describe("pings", () => {
  it.each([0, 1, 2, 3, 4, 125])("of %i bytes are answered with the same", (size) => {
    const payload = "x".repeat(size);
    server.send(frame(PING, payload));
    expect(sent()).toEqual([[PONG, payload]]);
  });

  it("are answered in the midst of a message, and byte by byte", () => {
    const message = Buffer.concat([frame(BINARY, "a", false), frame(PING, "1"), frame(CONTINUATION, "b", false), frame(PING, "22"), frame(CONTINUATION, "c")]);
    server.send(message);
    server.sendByteByByte(message);
    expect(text()).toBe("abcabc");
    expect(sent()).toEqual([
      [PONG, "1"],
      [PONG, "22"],
      [PONG, "1"],
      [PONG, "22"],
    ]);
  });

  it("are answered when there is room, with the latest if there were several (5.5.3)", () => {
    server.inner.room = 0;
    server.send(Buffer.concat([frame(PING, "first"), frame(BINARY, "a"), frame(PING, "the latest")]));
    expect(text()).toBe("a");
    expect(sent()).toEqual([]);
    server.inner.makeRoom(1_000);
    expect(sent()).toEqual([[PONG, "the latest"]]);
  });

  it("are answered before what is written later", () => {
    server.inner.room = 0;
    server.send(frame(PING, "?"));
    expect(server.write(utf8("message"))).toBe(false);
    server.inner.room = 7;
    expect(server.write(utf8("message"))).toBe(false);
    server.inner.makeRoom(1_000);
    expect(server.calls.at(-1)).toBe("onWritable");
    expect(server.write(utf8("message"))).toBe(true);
    expect(sent()).toEqual([
      [PONG, "?"],
      [BINARY, "message"],
    ]);
  });

  it("are answered even if a pong comes before there is room", () => {
    server.inner.room = 0;
    server.send(Buffer.concat([frame(PING, "there?"), frame(PONG, "nobody has asked")]));
    server.sendByteByByte(frame(PONG, "nor now"));
    server.inner.makeRoom(1_000);
    expect(sent()).toEqual([[PONG, "there?"]]);
  });

  it("that have come in half do not keep the owner from writing", () => {
    server.send(frame(PING, "there?").subarray(0, 4));
    expect(server.write(utf8("message"))).toBe(true);
    server.send(frame(PING, "there?").subarray(4));
    expect(sent()).toEqual([
      [BINARY, "message"],
      [PONG, "there?"],
    ]);
  });
});

describe("pongs", () => {
  it("are ignored, whatever is in them", () => {
    const pongs = [0, 1, 7, 8, 9, 125].map((size) => frame(PONG, "x".repeat(size)));
    server.send(Buffer.concat([frame(BINARY, "a"), ...pongs, frame(BINARY, "b")]));
    server.sendByteByByte(Buffer.concat([frame(BINARY, "c"), ...pongs, frame(BINARY, "d")]));
    expect(text()).toBe("abcd");
    expect(sent()).toEqual([]);
  });
});

describe("a close frame", () => {
  it.each<[string, Buffer, number]>([
    ["with a code", closeFrame(1001), 1001],
    ["with a code and a reason", closeFrame(4000, "not you"), 4000],
    ["without a code", frame(CLOSE), 0],
  ])("%s ends the connection with ERR_CONNECTION_CLOSED, after what came before it", (_what, close, code) => {
    server.send(Buffer.concat([frame(BINARY, "last words"), close, frame(BINARY, "too late")]));
    expect(text()).toBe("last words");
    expect(server.calls).toEqual(["onReadable", "onClose"]);
    expect(error()).toMatchObject({ code: "ERR_CONNECTION_CLOSED", fault: "network" });
    expect(error()?.message).toBe(`the server closed the WebSocket, with code ${code}`);
    expect(server.inner.closedByClient).toBe(true);
  });

  it("is answered with the same (5.5.1), also byte by byte", () => {
    server.readSize = 0;
    server.send(closeFrame(1001, "going away"));
    readLater();
    expect(server.frames()).toMatchObject([{ opcode: CLOSE, payload: Buffer.concat([uint16(1001), utf8("going away")]) }]);
    server.transport.close();
    server.open();
    server.sendByteByByte(closeFrame(1001));
    expect(error()?.code).toBe("ERR_CONNECTION_CLOSED");
  });

  it("ends the connection also when there is no room for an answer", () => {
    server.inner.room = 0;
    server.send(closeFrame(1001));
    expect(server.calls).toEqual(["onReadable", "onClose"]);
    expect(server.inner.isOpen).toBe(false);
  });
});

/** What a server may not send. */
const WRONG: readonly (readonly [string, Uint8Array, string])[] = [
  ["text", frame(TEXT, "hello"), "a text frame, where MQTT has binary ones"],
  ["a mask", hex("82 81 00 00 00 00 01"), "a server's frame is masked"],
  ["the first reserved bit", hex("c2 01 01"), "reserved bits are set"],
  ["the second reserved bit", hex("a2 01 01"), "reserved bits are set"],
  ["the third reserved bit", hex("92 01 01"), "reserved bits are set"],
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode) => [`the opcode ${opcode}`, frame(opcode, "x"), `opcode ${opcode}`] as const),
  ["a ping of 126 bytes", frame(PING, "x".repeat(126)), "a control frame of more than 125 bytes"],
  ["a close frame of 126 bytes", frame(CLOSE, "x".repeat(126)), "a control frame of more than 125 bytes"],
  ["a part of a ping", frame(PING, "x", false), "a control frame in parts"],
  ["a part of no message", frame(CONTINUATION, "x"), "a part of no message"],
  ["a message in a message", Buffer.concat([frame(BINARY, "", false), frame(BINARY, "x")]), "a message within a message"],
  ["more than can be counted", hex("82 7f 00 20 00 00 00 00 00 00 01"), "an impossible length"],
];

describe("a wrong frame", () => {
  it.each(WRONG)("with %s: ERR_WEBSOCKET, after what came before it, and the connection is closed", (_what, wrong, fault) => {
    server.send(Buffer.concat([frame(BINARY, "before"), wrong, frame(BINARY, "behind")]));
    expect(text()).toBe("before");
    expect(server.calls).toEqual(["onReadable", "onClose"]);
    expect(error()).toBeInstanceOf(MqttError);
    expect(error()).toMatchObject({ code: "ERR_WEBSOCKET", fault: "server", message: `WebSocket: ${fault}` });
    expect(server.inner.closedByClient).toBe(true);
    expect(server.write(Uint8Array.of(1))).toBe(false);
  });

  it.each(WRONG)("with %s is found byte by byte", (_what, wrong, fault) => {
    server.sendByteByByte(Buffer.concat([frame(BINARY, "before"), wrong]));
    expect(text()).toBe("before");
    expect(error()?.message).toBe(`WebSocket: ${fault}`);
    expect(server.calls.filter((call) => call === "onClose")).toHaveLength(1);
  });

  it("that is read after the callback is told at the next one, and the server is told to close (7.1.7)", () => {
    server.readSize = 0;
    server.send(frame(TEXT, "hello"));
    readLater();
    expect(server.calls).toEqual(["onReadable"]);
    expect(server.frames()).toMatchObject([{ opcode: CLOSE, payload: Buffer.from(uint16(1002)) }]);
    expect(server.write(Uint8Array.of(1))).toBe(false);
    server.send(closeFrame(1002));
    expect(server.calls).toEqual(["onReadable", "onClose"]);
    expect(error()?.code).toBe("ERR_WEBSOCKET");
  });

  it("that is read after the callback is told soon, though the server says nothing more", async () => {
    server.readSize = 0;
    server.send(frame(TEXT, "hello"));
    readLater();
    await Promise.resolve();
    expect(server.calls).toEqual(["onReadable", "onClose"]);
    expect(error()?.code).toBe("ERR_WEBSOCKET");
    expect(server.inner.closedByClient).toBe(true);
  });

  it("that is told is not told to the connection that follows at once", async () => {
    server.then = (call) => {
      if (call === "onClose") server.transport.open(server.listener);
    };
    server.send(frame(TEXT, "hello"));
    server.inner.accept();
    await Promise.resolve();
    expect(server.calls).toEqual(["onReadable", "onClose"]);
    expect(server.inner.isOpen).toBe(true);
  });

  it("that is read after the callback is what is told when the connection is lost", () => {
    server.readSize = 0;
    server.send(frame(TEXT, "hello"));
    readLater();
    server.inner.drop();
    expect(error()?.code).toBe("ERR_WEBSOCKET");
    expect(server.calls).toEqual(["onReadable", "onClose"]);
  });

  it("that is read after the callback, without room for a close frame, is told when there is some", () => {
    server.readSize = 0;
    server.send(frame(TEXT, "hello"));
    server.inner.room = 0;
    readLater();
    server.inner.makeRoom(100);
    expect(server.calls.at(-1)).toBe("onClose");
    expect(error()?.code).toBe("ERR_WEBSOCKET");
  });
});
