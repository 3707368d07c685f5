import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { TcpTransport, TlsTransport } from "../../hosts/node/index.js";
import type { Transport } from "../../src/client/transport.js";
import { WebSocketTransport, type WebSocketTransportOptions } from "../../src/websocket.js";
import { TestWebSocketServer, type TestWebSocketServerOptions, type Visitor } from "../hosts/node/test-websocket-server.js";
import { type Certificates, makeCertificates } from "../support/certificates.js";
import { RecordingListener } from "../support/recording-listener.js";
import { soon } from "../support/waiting.js";

// The device's WebSocketTransport, on Node.js and against the package ws. With brokers: websocket.test.ts.

let certificates: Certificates;

beforeAll(() => {
  certificates = makeCertificates();
});

afterAll(() => {
  certificates.remove();
});

type Protocol = "ws" | "wss";

/** What carries a WebSocket. */
function carrier(protocol: Protocol, port: number): Transport {
  if (protocol === "ws") return new TcpTransport({ host: "127.0.0.1", port });
  return new TlsTransport({ host: "localhost", port, ca: certificates.ca });
}

function transportTo(protocol: Protocol, port: number, options: Partial<WebSocketTransportOptions> = {}): WebSocketTransport {
  return new WebSocketTransport({ transport: carrier(protocol, port), host: `localhost:${port}`, ...options });
}

describe.each<Protocol>(["ws", "wss"])("%s:// with the package ws", (protocol) => {
  let listener: RecordingListener;
  let transport: WebSocketTransport;
  /** All that was read. */
  let bytes: Buffer;

  beforeEach(() => {
    bytes = Buffer.alloc(0);
    listener = new RecordingListener();
    listener.then = (call) => {
      if (call === "onReadable") readAll();
    };
  });

  function readAll(): void {
    const target = new Uint8Array(new ArrayBuffer(100, { maxByteLength: 100 }));
    for (let count = target.length; count === target.length; ) {
      count = transport.read(target, 0, target.length);
      bytes = Buffer.concat([bytes, target.slice(0, count)]);
    }
  }

  function write(content: Uint8Array): boolean {
    const source = new Uint8Array(new ArrayBuffer(content.length, { maxByteLength: content.length }));
    source.set(content);
    return transport.write(source, content.length);
  }

  const until = (call: string): Promise<void> => soon(() => expect(listener.calls).toContain(call));

  async function connect(options: Partial<WebSocketTransportOptions> = {}, onServer: TestWebSocketServerOptions = {}): Promise<TestWebSocketServer> {
    const { cert, key } = certificates;
    const server = await TestWebSocketServer.start({ ...(protocol === "wss" && { tls: { cert, key } }), ...onServer });
    transport = transportTo(protocol, server.port, options);
    onTestFinished(async () => {
      transport.close();
      await server.stop();
    });
    transport.open(listener);
    return server;
  }

  async function open(options?: Partial<WebSocketTransportOptions>, onServer?: TestWebSocketServerOptions): Promise<Visitor> {
    const server = await connect(options, onServer);
    await until("onOpen");
    return await server.visitor();
  }

  it("asks as it was told to", async () => {
    const { request } = await open({ path: "/a?b=c", headers: { Authorization: "Bearer token" } });
    expect(request.url).toBe("/a?b=c");
    expect(request.headers).toMatchObject({ authorization: "Bearer token", "sec-websocket-protocol": "mqtt" });
    expect(request.headers.host).toMatch(/^localhost:\d+$/);
  });

  it("sends frames of all lengths", async () => {
    const { frames } = await open({ packetSize: 65_535 });
    const contents = [1, 2, 3, 4, 5, 125, 126, 127, 1_000, 65_535].map((length) => randomBytes(length));
    for (const content of contents) expect(write(content)).toBe(true);
    await soon(() => expect(frames).toHaveLength(contents.length));
    expect(frames.every(({ isBinary }) => isBinary)).toBe(true);
    expect(frames.map((each) => Buffer.from(each.bytes).equals(contents[frames.indexOf(each)]))).toEqual(contents.map(() => true));
  });

  it("takes frames of all lengths, and fragments", async () => {
    const { socket } = await open();
    const contents = [0, 1, 125, 126, 127, 65_535, 65_536, 300_000].map((length) => randomBytes(length));
    for (const content of contents) socket.send(content);
    for (const content of contents) {
      socket.send(content, { fin: false });
      socket.send(content, { fin: true });
    }
    const expected = Buffer.concat([...contents, ...contents.flatMap((each) => [each, each])]);
    await soon(() => expect(bytes.length).toBe(expected.length));
    expect(bytes.equals(expected)).toBe(true);
  });

  it("answers pings", async () => {
    const { socket } = await open();
    const answers: string[] = [];
    socket.on("pong", (payload) => answers.push(String(payload)));
    for (const payload of ["", "there?", "x".repeat(125)]) socket.ping(payload);
    await soon(() => expect(answers).toEqual(["", "there?", "x".repeat(125)]));
  });

  it("waits when the server does not keep up, and loses nothing", async () => {
    const { stream, socket } = await open({ packetSize: 60_000 });
    socket.pause();
    const content = randomBytes(60_000);
    let written = 0;
    await soon(() => {
      while (write(content)) written += content.length;
      expect(write(content)).toBe(false);
    });
    let received = 0;
    stream.on("data", (data: Buffer) => (received += data.length));
    socket.resume();
    await until("onWritable");
    await soon(() => expect(received).toBe(written));
  });

  it("says goodbye with the code 1000", async () => {
    const { closed } = await open();
    transport.close();
    expect(await closed).toBe(1000);
    expect(listener.calls).not.toContain("onClose");
  });

  it("tells the code with which the server closes, and answers with it", async () => {
    const { socket, closed } = await open();
    socket.send("last words", { binary: true });
    socket.close(4_321, "not you");
    await until("onClose");
    expect(String(bytes)).toBe("last words");
    expect(listener.error).toMatchObject({ code: "ERR_CONNECTION_CLOSED", message: expect.stringContaining("4321") as string });
    expect(await closed).toBe(4_321);
  });

  it("closes with the code 1002 for text: ERR_WEBSOCKET", async () => {
    const { socket, closed } = await open();
    socket.send("text");
    await until("onClose");
    expect(listener.error).toMatchObject({ code: "ERR_WEBSOCKET" });
    expect(await closed).toBe(1002);
  });

  it("fails by name when the server refuses, or chooses another subprotocol", async () => {
    await connect({}, { webSocket: { verifyClient: (_info, done) => done(false, 401, "Who are you?") } });
    await until("onClose");
    expect(listener.error).toMatchObject({ code: "ERR_WEBSOCKET_UPGRADE", reasonCode: 401 });
    listener.calls.length = 0;
    await connect({}, { webSocket: { handleProtocols: () => false } });
    await until("onClose");
    expect(listener.error).toMatchObject({ code: "ERR_WEBSOCKET_SUBPROTOCOL" });
  });
});
