import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MqttError } from "../../src/errors.js";
import { hex, uint16 } from "../support/packets.js";
import { BINARY, CLOSE, frame, PING, TEXT } from "./frames.js";
import { acceptFor, agreement, headerOf, type Headers } from "./handshake-peer.js";
import { ScriptedServer, type ScriptedServerOptions } from "./scripted-server.js";

let server: ScriptedServer;

const start = (options?: ScriptedServerOptions): ScriptedServer => (server = new ScriptedServer(options));

beforeEach(() => void start());
afterEach(() => {
  expect(server.inner.violations).toEqual([]);
});

/** Notes the frames that the client sends from now on, which `close` would have the network forget. */
function noteFrames(): number[][] {
  const sent: number[][] = [];
  const { inner } = server;
  const write = inner.write.bind(inner);
  inner.write = (source, length) => {
    const isSent = write(source, length);
    sent.push(...server.frames().map(({ opcode, payload }) => [opcode, ...payload]));
    return isSent;
  };
  return sent;
}

// What happens to a connection.
const having = (received: Uint8Array) => (it: ScriptedServer): void => {
  it.open();
  it.send(received);
};
const requesting = (it: ScriptedServer): unknown => it.connect();
const answered = (it: ScriptedServer): void => it.send(agreement(it.connect()).slice(0, 80));
const withoutRoom = (it: ScriptedServer): void => {
  it.open();
  it.inner.room = 0;
  it.send(frame(PING, "there?"));
};
const readingLater = (it: ScriptedServer): void => {
  it.open();
  it.then = () => (it.readSize = 0);
  it.send(frame(TEXT));
  it.then = () => (it.readSize = 64);
  it.readSize = 64;
  it.readAll();
};

const error = (): MqttError | undefined => server.listener.error;

/** The answer with so many bytes in all. */
function padded(request: string, size: number): string {
  const { length } = agreement(request, { "X-Padding": "" });
  return agreement(request, { "X-Padding": "x".repeat(size - length) });
}

describe("the handshake", () => {
  it("begins with the request, as soon as there is a connection", () => {
    server.transport.open(server.listener);
    expect(server.calls).toEqual([]);
    server.inner.accept();
    const request = Buffer.from(server.inner.sent).toString();
    expect(request).toMatch(/^GET \/mqtt HTTP\/1\.1\r\nHost: broker\.example\r\n(.+: .+\r\n)+\r\n$/);
    expect(headerOf(request, "Sec-WebSocket-Protocol")).toBe("mqtt");
    expect(server.calls).toEqual([]);
  });

  it("asks for the path and has the headers that it was told", () => {
    start({ host: "[::1]:8080", path: "/a?b", headers: { Authorization: "Bearer token" } });
    const request = server.connect();
    expect(request).toMatch(/^GET \/a\?b HTTP\/1\.1\r\nHost: \[::1\]:8080\r\n/);
    expect(headerOf(request, "Authorization")).toBe("Bearer token");
  });

  it("has a new key of 16 bytes each time, all of them random", () => {
    const keys = Array.from({ length: 500 }, () => Buffer.from(headerOf(start().connect(), "Sec-WebSocket-Key") ?? "", "base64"));
    for (let at = 0; at < 16; at++) expect(new Set(keys.map((key) => key[at])).size).toBeGreaterThan(150);
    expect(new Set(keys.map(({ length }) => length))).toEqual(new Set([16]));
  });

  it("takes the key from `random`", () => {
    start({ random: () => 0.999 });
    expect(headerOf(server.connect(), "Sec-WebSocket-Key")).toBe(Buffer.alloc(16, 255).toString("base64"));
  });

  it("ends with onOpen, once", () => {
    server.open();
    expect(server.calls.filter((call) => call !== "onReadable")).toEqual(["onOpen"]);
    expect(server.received).toEqual([]);
  });

  it("takes the answer cut at any place", () => {
    const { length } = agreement(server.connect());
    for (let at = 1; at < length; at++) {
      start();
      const request = server.connect();
      server.send(agreement(request) + frame(BINARY, "hi").toString("latin1"), [at]);
      expect(server.calls[0]).toBe("onOpen");
    }
  });

  it("takes the answer byte by byte", () => {
    server.sendByteByByte(agreement(server.connect()));
    expect(server.calls.filter((call) => call !== "onReadable")).toEqual(["onOpen"]);
  });

  it("leaves what comes right behind the answer for the owner", () => {
    const answer = Buffer.from(agreement(server.connect()));
    server.send(Buffer.concat([answer, frame(BINARY, Uint8Array.of(1, 2, 3))]));
    expect(server.calls).toEqual(["onOpen", "onReadable"]);
    expect(server.received).toEqual([1, 2, 3]);
  });

  it("waits for room for its request", () => {
    start({ room: 0 });
    expect(server.connect()).toBe("");
    server.inner.makeRoom(1000);
    const request = Buffer.from(server.inner.takeSent()).toString();
    server.send(agreement(request));
    expect(server.calls).toContain("onOpen");
  });

  it("sends a request that is larger than the transport's limit in pieces", () => {
    const token = Array.from({ length: 300 }, (_, at) => String(at)).join(".");
    start({ headers: { Authorization: token }, packetSize: 64, writeLimit: 50, room: 120 });
    let request = server.connect();
    expect(request.length).toBe(100);
    while (server.inner.sent.length === 0 && !request.endsWith("\r\n\r\n")) {
      server.inner.makeRoom(70);
      request += Buffer.from(server.inner.takeSent()).toString();
    }
    expect(headerOf(request, "Authorization")).toBe(token);
    server.send(agreement(request));
    expect(server.calls).toContain("onOpen");
  });

  it("takes no answer ahead of its request's end", () => {
    start({ headers: { Authorization: "x".repeat(500) }, packetSize: 64, writeLimit: 50, room: 250 });
    const request = server.connect();
    expect(request.length).toBeLessThan(500);
    server.send(agreement(request));
    expect(server.calls).toEqual(["onClose"]);
    expect(error()).toMatchObject({ code: "ERR_WEBSOCKET_UPGRADE", fault: "server" });
  });

  it("takes an answer of 2,048 bytes", () => {
    server.send(padded(server.connect(), 2_048));
    expect(server.calls).toContain("onOpen");
  });

  it("is over when the connection fails in the midst of it", () => {
    server.send(agreement(server.connect()).slice(0, -1));
    const cause = new MqttError("ERR_CONNECTION_CLOSED", "gone", "network");
    server.inner.drop(cause);
    expect(server.calls).toEqual(["onClose"]);
    expect(error()).toBe(cause);
  });

  it("takes no bytes from the owner, and gives none, before it is over", () => {
    expect(server.write(Uint8Array.of(1))).toBe(false);
    server.transport.open(server.listener);
    expect(server.write(Uint8Array.of(1))).toBe(false);
    server.inner.accept();
    server.inner.takeSent();
    expect(server.write(Uint8Array.of(1))).toBe(false);
    server.readAll();
    expect(server.received).toEqual([]);
    expect(server.frames()).toEqual([]);
  });
});

describe("the handshake fails, and the connection is closed,", () => {
  const fails = (code: string, reasonCode: number): void => {
    expect(error()).toMatchObject({ code, fault: "server", reasonCode });
    expect(server.calls).toEqual(["onClose"]);
    expect(server.inner.closedByClient).toBe(true);
  };

  it.each([200, 301, 401, 403, 404, 500])("when the server answers with the HTTP status %i", (status) => {
    server.connect();
    server.send(`HTTP/1.1 ${status} Words\r\nContent-Length: 5\r\n\r\nsorry`);
    fails("ERR_WEBSOCKET_UPGRADE", status);
  });

  it.each<[string, Headers]>([
    ["without Upgrade", { Upgrade: undefined }],
    ["without Connection", { Connection: undefined }],
    ["to another key", { "Sec-WebSocket-Accept": acceptFor("AAAAAAAAAAAAAAAAAAAAAA==") }],
    ["without a key", { "Sec-WebSocket-Accept": undefined }],
    ["with extensions", { "Sec-WebSocket-Extensions": "permessage-deflate" }],
  ])("when the answer is %s", (_what, changes) => {
    server.sendByteByByte(agreement(server.connect(), changes).replace(/$/, "\x82\x01x"));
    fails("ERR_WEBSOCKET_UPGRADE", 101);
  });

  it.each([undefined, "mqttv3.1"])("when the server chooses the subprotocol %s", (protocol) => {
    server.open({ "Sec-WebSocket-Protocol": protocol });
    fails("ERR_WEBSOCKET_SUBPROTOCOL", 0);
  });

  it("when the answer has 2,049 bytes", () => {
    server.send(padded(server.connect(), 2_049));
    fails("ERR_WEBSOCKET_UPGRADE", 0);
    expect(error()?.message).toContain("more than 2048 bytes");
  });

  it("when the answer never ends", () => {
    server.connect();
    server.send("x".repeat(100_000));
    fails("ERR_WEBSOCKET_UPGRADE", 0);
  });

  it("when the server does not speak HTTP", () => {
    server.connect();
    server.send("220 mail.example ESMTP\r\n\r\n");
    fails("ERR_WEBSOCKET_UPGRADE", 0);
    expect(error()?.message).toContain("220 mail.example ESMTP");
  });

  it("when the answer is not text", () => {
    server.connect();
    server.send(hex("ff fe c0 80 0d 0a 0d 0a"));
    fails("ERR_WEBSOCKET_UPGRADE", 0);
  });
});

describe("open", () => {
  it("tells what the transport beneath tells", () => {
    server.transport.open(server.listener);
    const cause = new MqttError("ERR_SOCKET", "no route", "network");
    server.inner.refuse(cause);
    expect(server.calls).toEqual(["onClose"]);
    expect(error()).toBe(cause);
  });

  it("throws what the transport beneath throws, and may be called again after close", () => {
    const { inner } = server;
    const open = inner.open.bind(inner);
    inner.open = (): never => {
      throw new Error("no network");
    };
    expect(() => server.transport.open(server.listener)).toThrow("no network");
    server.transport.close();
    inner.open = open;
    server.open();
    expect(server.calls).toContain("onOpen");
  });

  it.each<[string, (server: ScriptedServer) => unknown]>([
    ["in the midst of the request", requesting],
    ["in the midst of the answer", answered],
    ["in the midst of a header", having(hex("82"))],
    ["in the midst of a frame", having(hex("82 7e 01 00 01 02"))],
    ["in the midst of a message", having(frame(BINARY, "a", false))],
    ["in the midst of a ping", having(hex("89 05 61 62"))],
    ["while an answer waits for room", withoutRoom],
    ["after a wrong frame that could not be told yet", readingLater],
  ])("begins anew after the connection was lost %s", (_when, happen) => {
    for (const lose of [(): void => server.inner.drop(), (): void => server.transport.close()]) {
      happen(start());
      lose();
      server.inner.room = Infinity;
      server.listener.calls.length = 0;
      server.received = [];
      server.readSize = 64;
      server.open();
      server.send(frame(BINARY, Uint8Array.of(7, 8)));
      expect(server.received).toEqual([7, 8]);
      expect(server.frames()).toEqual([]);
      expect(server.write(Uint8Array.of(9))).toBe(true);
      expect(server.frames().map(({ payload }) => [...payload])).toEqual([[9]]);
      expect(server.calls).not.toContain("onClose");
    }
  });

  it("works from within onClose", () => {
    server.then = (call) => {
      if (call === "onClose") server.transport.open(server.listener);
    };
    server.open();
    server.send(frame(TEXT, "text"));
    expect(server.inner.isOpening).toBe(true);
    server.inner.accept();
    server.send(agreement(Buffer.from(server.inner.takeSent()).toString()));
    expect(server.calls.filter((call) => call !== "onReadable")).toEqual(["onOpen", "onClose", "onOpen"]);
  });
});

describe("close", () => {
  it("says goodbye with a close frame of the code 1000, behind what was written", () => {
    server.open();
    const sent = noteFrames();
    server.write(Uint8Array.of(1));
    server.transport.close();
    expect(server.write(Uint8Array.of(2))).toBe(false);
    expect(sent).toEqual([
      [BINARY, 1],
      [CLOSE, ...uint16(1000)],
    ]);
    expect(server.inner.closedByClient).toBe(true);
    expect(server.calls).not.toContain("onClose");
  });

  it.each([
    ["in the midst of the handshake", requesting],
    ["when there is no room", withoutRoom],
  ])("is without a close frame %s", (_when, happen) => {
    happen(server);
    const sent = noteFrames();
    server.transport.close();
    expect(server.inner.isOpen).toBe(false);
    expect(sent).toEqual([]);
  });

  it("is harmless when closed already", () => {
    server.transport.close();
    server.transport.close();
    server.transport.open(server.listener);
    server.transport.close();
    server.transport.close();
    expect(server.calls).toEqual([]);
  });

  it.each(["onOpen", "onReadable", "onWritable"])("may be called in %s, and no callback follows", (when) => {
    server.then = (call) => {
      if (call === when) server.transport.close();
    };
    const answer = Buffer.from(agreement(server.connect()));
    server.send(Buffer.concat([answer, frame(BINARY, "a"), frame(PING), frame(TEXT)]));
    if (when === "onWritable") {
      server = start();
      server.then = (call) => call === when && server.transport.close();
      server.open();
      server.inner.room = 0;
      server.write(Uint8Array.of(1));
      server.inner.makeRoom(100);
    }
    expect(server.calls.at(-1)).toBe(when);
    expect(server.inner.isOpen).toBe(false);
    expect(server.received).toEqual([]);
  });

  it("in onReadable keeps a failure from being told", () => {
    server.open();
    server.then = (call) => {
      if (call !== "onReadable") return;
      server.readAll(); // a wrong frame
      server.transport.close();
    };
    server.send(frame(TEXT, "text"));
    expect(server.calls).not.toContain("onClose");
    expect(server.inner.isOpen).toBe(false);
  });
});

describe("a connection that is lost", () => {
  it("tells why, once", () => {
    server.open();
    const cause = new MqttError("ERR_CONNECTION_CLOSED", "gone", "network");
    server.inner.drop(cause);
    expect(server.calls.filter((call) => call === "onClose")).toHaveLength(1);
    expect(error()).toBe(cause);
    expect(server.write(Uint8Array.of(1))).toBe(false);
    server.readAll();
    expect(server.received).toEqual([]);
  });
});

describe("credentials in headers", () => {
  const SECRET = "correct horse battery staple";
  const headers = { Authorization: SECRET };
  const shown = (what: unknown): string => inspect(what, { depth: 9, showHidden: true, maxArrayLength: null, maxStringLength: null });

  /** The secret as text, and as the bytes that a console prints. */
  const forms = [SECRET, [...Buffer.from(SECRET)].join(", "), Buffer.from(SECRET).toString("hex").replace(/(..)(?=.)/g, "$1 ")];

  const keepsSecret = (): void => {
    for (const form of forms) {
      expect(shown(server.transport)).not.toContain(form);
      expect(JSON.stringify(server.transport)).not.toContain(form);
      expect(shown(error())).not.toContain(form);
    }
  };

  it.each([32, 512])("are not shown before, in and after the handshake, with packets of %i bytes", (packetSize) => {
    start({ headers, room: 0, packetSize });
    keepsSecret();
    let request = server.connect();
    keepsSecret();
    while (!request.endsWith("\r\n\r\n")) {
      server.inner.makeRoom(packetSize);
      request += Buffer.from(server.inner.takeSent()).toString();
      keepsSecret();
    }
    expect(request).toContain(SECRET);
    server.send(agreement(request));
    expect(server.calls).toContain("onOpen");
    keepsSecret();
  });

  it("are not told by errors", () => {
    for (const answer of ["HTTP/1.1 401 Unauthorized\r\n\r\n", "x".repeat(3000)]) {
      start({ headers });
      server.connect();
      server.send(answer);
      expect(error()).toBeInstanceOf(MqttError);
      keepsSecret();
    }
  });
});
