import type { TlsOptions } from "node:tls";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { WebSocketTransport, type WebSocketTransportOptions } from "../../../hosts/node/websocket.js";
import type { MqttError } from "../../../src/errors.js";
import { makeCertificates, type Certificates } from "../../support/certificates.js";
import { hex } from "../../support/packets.js";
import { RecordingListener } from "../../support/recording-listener.js";
import { pass, settled, soon } from "../../support/waiting.js";
import { received, TestServer } from "./test-server.js";
import { TestWebSocketServer, type TestWebSocketServerOptions, type Visitor } from "./test-websocket-server.js";
import { describeTransports } from "./transport-contract.js";

let certificates: Certificates;
let others: Certificates;

beforeAll(() => {
  certificates = makeCertificates();
  others = makeCertificates();
});

afterAll(() => {
  certificates.remove();
  others.remove();
});

describeTransports([
  {
    kind: "WebSocket",
    startServer: () => TestWebSocketServer.start(),
    create: (port) => new WebSocketTransport({ url: `ws://127.0.0.1:${port}` }),
    place: (port) => `ws://127.0.0.1:${port}/`,
  },
  {
    kind: "WebSocket over TLS",
    startServer: () => TestWebSocketServer.start({ tls: { cert: certificates.cert, key: certificates.key } }),
    create: (port) => new WebSocketTransport({ url: `wss://127.0.0.1:${port}/mqtt?a=b`, ca: certificates.ca }),
    place: (port) => `wss://127.0.0.1:${port}/mqtt`,
  },
]);

describe("a transport over a WebSocket", () => {
  const cleanups: (() => Promise<void> | void)[] = [];
  let listener: RecordingListener;
  let transport: WebSocketTransport;
  /** All that was read. */
  let bytes: number[];

  beforeEach(() => {
    bytes = [];
    listener = new RecordingListener();
    listener.then = (call) => {
      if (call === "onReadable") bytes = bytes.concat(readAll());
    };
  });

  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  function readAll(): number[] {
    const target = new Uint8Array(1000);
    const all: number[] = [];
    for (let count = target.length; count === target.length; ) {
      count = transport.read(target, 0, target.length);
      all.push(...target.subarray(0, count));
    }
    return all;
  }

  const until = (call: string): Promise<void> =>
    soon(() => {
      expect(listener.calls).toContain(call);
    });

  /** Starts to connect, with the listener above. */
  function connect(url: string, options: Partial<WebSocketTransportOptions> = {}): void {
    const opened = new WebSocketTransport({ url, ...options });
    cleanups.push(() => opened.close());
    transport = opened;
    opened.open(listener);
  }

  /** Resolves with what `onClose` was given. */
  async function failure(): Promise<MqttError | undefined> {
    await until("onClose");
    return listener.error;
  }

  async function startServer(options?: TestWebSocketServerOptions): Promise<TestWebSocketServer> {
    const server = await TestWebSocketServer.start(options);
    cleanups.push(() => server.stop());
    return server;
  }

  /** Connects to a server; the server's side of that. */
  async function open(path = "", options?: Partial<WebSocketTransportOptions>): Promise<Visitor> {
    const server = await startServer();
    connect(`ws://127.0.0.1:${server.port}${path}`, options);
    await until("onOpen");
    return await server.visitor();
  }

  /** Connects to a server that answers whatever it gets with `answer`, or hangs up. */
  async function connectToAnswer(answer: string | undefined): Promise<void> {
    const server = await TestServer.start();
    cleanups.push(() => server.stop());
    connect(`ws://127.0.0.1:${server.port}`);
    const socket = await server.connection();
    socket.once("data", () => {
      if (answer === undefined) socket.end();
      else socket.write(answer.replaceAll("\n", "\r\n"));
    });
  }

  describe("asks", () => {
    it("for the subprotocol mqtt, and for no compression", async () => {
      const { request } = await open();
      expect(request.headers["sec-websocket-protocol"]).toBe("mqtt");
      expect(request.headers["sec-websocket-extensions"]).toBeUndefined();
    });

    it("for the path of the URL, with its query", async () => {
      expect((await open("/a/b?c=d")).request.url).toBe("/a/b?c=d");
      expect((await open()).request.url).toBe("/");
    });

    it("with the headers it was given, as they were then", async () => {
      const headers = { Authorization: "Bearer token" };
      const { request } = await open("", { headers });
      expect(request.headers.authorization).toBe("Bearer token");
    });

    it("with the user name and password of the URL", async () => {
      const server = await startServer();
      connect(`ws://anna:s%40cret@127.0.0.1:${server.port}`);
      const { request } = await server.visitor();
      expect(request.headers.authorization).toBe(`Basic ${btoa("anna:s@cret")}`);
    });
  });

  describe("when it is open", () => {
    it("sends binary frames", async () => {
      const { frames } = await open();
      transport.write(Uint8Array.of(1, 2, 3, 9), 3);
      transport.write(Uint8Array.of(4, 9), 1);
      await soon(() => {
        expect(frames.map(({ bytes, isBinary }) => [[...bytes], isBinary])).toEqual([[[1, 2, 3], true], [[4], true]]);
      });
    });

    it("gives bytes in their order, whatever the frames they came in", async () => {
      const { socket } = await open();
      for (const frame of [[1, 2], [3], [], [4, 5, 6]]) socket.send(Uint8Array.from(frame));
      socket.send(Uint8Array.of(7), { fin: false });
      socket.send(Uint8Array.of(8, 9), { fin: true });
      await soon(() => {
        expect(bytes).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
      });
    });

    it("puts frames together that the network cuts", async () => {
      const { request } = await open();
      for (const byte of hex("82 03 01 02 03 89 00 82 01 04")) {
        request.socket.write(Uint8Array.of(byte));
        await pass(2);
      }
      await soon(() => {
        expect(bytes).toEqual([1, 2, 3, 4]);
      });
    });

    it("takes a frame of a megabyte", async () => {
      const { socket } = await open();
      socket.send(Buffer.alloc(1_000_000, 7));
      await soon(() => {
        expect(bytes.length).toBe(1_000_000);
      });
      expect(new Set(bytes)).toEqual(new Set([7]));
    });

    it("waits for a frame that holds the largest packet of MQTT", async () => {
      const { request, socket } = await open();
      request.socket.write(hex("82 7f 00 00 00 00 10 00 00 04 30 ff ff ff 7f"));
      await pass(50);
      expect(listener.calls).toEqual(["onOpen"]);
      expect(socket.readyState).toBe(socket.OPEN);
    });

    it("has the server wait when nothing is read, and loses nothing", async () => {
      const size = 32_000_000;
      listener.then = () => undefined;
      const { socket } = await open();
      for (let sent = 0; sent < size; sent += 64_000) socket.send(Buffer.alloc(64_000));
      expect(await settled(() => socket.bufferedAmount)).toBeGreaterThan(1_000_000);
      const target = new Uint8Array(65_536);
      let count = 0;
      listener.then = () => {
        for (let piece = target.length; piece === target.length; count += piece) piece = transport.read(target, 0, target.length);
      };
      listener.then("onReadable");
      await soon(() => {
        expect(count).toBe(size);
      });
      expect(socket.bufferedAmount).toBe(0);
    });

    it("answers pings", async () => {
      const { socket } = await open();
      const answered = new Promise((resolve) => socket.once("pong", resolve));
      socket.ping("there?");
      expect(String(await answered)).toBe("there?");
    });

    it("says goodbye with a close frame, behind what was written", async () => {
      const { frames, closed } = await open();
      transport.write(Uint8Array.of(1), 1);
      transport.close();
      expect(await closed).toBe(1005); // no code
      expect(frames.map(({ bytes }) => [...bytes])).toEqual([[1]]);
    });

    it("is cut off a little later when the server does not answer that", async () => {
      const { request } = await open();
      request.socket.removeAllListeners("data");
      const ended = received(request.socket);
      const before = performance.now();
      transport.close();
      await ended;
      expect(performance.now() - before).toBeGreaterThan(1900);
    });
  });

  describe("cannot be opened", () => {
    it.each([200, 301, 401, 403, 404, 500])("to a server that answers with the HTTP status %i: ERR_WEBSOCKET_UPGRADE", async (status) => {
      await connectToAnswer(`HTTP/1.1 ${status} Words\nLocation: ws://127.0.0.1/\nContent-Length: 0\n\n`);
      expect(await failure()).toMatchObject({ code: "ERR_WEBSOCKET_UPGRADE", fault: "server", reasonCode: status });
      expect(listener.error?.message).toMatch(/^cannot open a WebSocket to ws:\/\/127\.0\.0\.1:\d+\/: .*HTTP status \d+$/);
      expect(listener.calls).toEqual(["onClose"]);
    });

    it.each([
      ["a Sec-WebSocket-Accept that does not belong to the request", "Upgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Accept: AAAA\n"],
      ["none at all", "Upgrade: websocket\nConnection: Upgrade\n"],
      ["an upgrade to something else", "Upgrade: h2c\nConnection: Upgrade\n"],
    ])("to a server that answers with %s: ERR_WEBSOCKET_UPGRADE", async (_what, headers) => {
      await connectToAnswer(`HTTP/1.1 101 Switching Protocols\n${headers}Sec-WebSocket-Protocol: mqtt\n\n`);
      expect(await failure()).toMatchObject({ code: "ERR_WEBSOCKET_UPGRADE", reasonCode: 101 });
    });

    it("to a server that extends the protocol unasked: ERR_WEBSOCKET_UPGRADE", async () => {
      const server = await startServer();
      server.onHeaders((headers) => headers.push("Sec-WebSocket-Extensions: permessage-deflate"));
      connect(`ws://127.0.0.1:${server.port}`);
      expect(await failure()).toMatchObject({ code: "ERR_WEBSOCKET_UPGRADE", reasonCode: 101 });
    });

    it("to a server that does not answer in HTTP: ERR_WEBSOCKET_UPGRADE", async () => {
      await connectToAnswer("220 this is not HTTP\n");
      expect(await failure()).toMatchObject({ code: "ERR_WEBSOCKET_UPGRADE", reasonCode: 0 });
      expect(listener.error?.message).toMatch(/the server does not answer in HTTP$/);
    });

    it("to a server that hangs up instead of an answer: ERR_CONNECTION_CLOSED", async () => {
      await connectToAnswer(undefined);
      expect(await failure()).toMatchObject({ code: "ERR_CONNECTION_CLOSED", fault: "network" });
      expect(listener.error?.message).toMatch(/^cannot connect to ws:\/\/127\.0\.0\.1:\d+\/: /);
    });

    it.each([
      ["agrees to no subprotocol", (): false => false],
      ["agrees to another subprotocol", (): string => "mqttv3.1"],
    ])("to a server that %s: ERR_WEBSOCKET_SUBPROTOCOL", async (_what, handleProtocols) => {
      const server = await startServer({ webSocket: { handleProtocols } });
      connect(`ws://127.0.0.1:${server.port}`);
      expect(await failure()).toMatchObject({ code: "ERR_WEBSOCKET_SUBPROTOCOL", fault: "server" });
      expect(listener.calls).toEqual(["onClose"]);
    });

    // An empty label is refused by the resolver without asking the network.
    it("to a name that cannot be resolved: ERR_HOST_NOT_FOUND", async () => {
      connect("ws://broker..invalid/mqtt");
      expect(await failure()).toMatchObject({ code: "ERR_HOST_NOT_FOUND" });
      expect(listener.error?.message).toMatch(/^cannot connect to ws:\/\/broker\.\.invalid\/mqtt: .*(ENOTFOUND|EAI_AGAIN)/);
    });
  });

  describe("over TLS", () => {
    /** Connects to a server with our certificate, both with these options on top; tells how it went. */
    async function attempt(client: Partial<WebSocketTransportOptions>, onServer: TlsOptions = {}): Promise<MqttError | undefined> {
      const server = await startServer({ tls: { cert: certificates.cert, key: certificates.key, ...onServer } });
      listener = new RecordingListener();
      connect(`wss://127.0.0.1:${server.port}`, { ca: certificates.ca, ...client });
      await soon(() => {
        expect(listener.calls).not.toEqual([]);
      });
      return listener.error;
    }

    it("trusts the authorities it is given", async () => {
      expect(await attempt({})).toBeUndefined();
      expect(await attempt({ servername: "localhost" })).toBeUndefined();
    });

    it("shows the server its certificate", async () => {
      const { cert, key, ca } = certificates;
      expect(await attempt({ cert, key }, { requestCert: true, rejectUnauthorized: true, ca })).toBeUndefined();
    });

    it("refuses a certificate from an unknown authority: ERR_CERTIFICATE", async () => {
      expect(await attempt({ ca: others.ca })).toMatchObject({ code: "ERR_CERTIFICATE", fault: "network" });
      expect(await attempt({ ca: others.ca, rejectUnauthorized: false })).toBeUndefined();
    });

    it("refuses a certificate for another name: ERR_CERTIFICATE", async () => {
      expect(await attempt({ servername: "broker.example" })).toMatchObject({ code: "ERR_CERTIFICATE" });
    });

    it.each(["in the past", "in the future"] as const)("refuses a certificate that is valid %s: ERR_CERTIFICATE_EXPIRED", async (validity) => {
      const untimely = makeCertificates(validity);
      untimely.remove();
      const error = await attempt({ ca: untimely.ca }, { cert: untimely.cert, key: untimely.key });
      expect(error).toMatchObject({ code: "ERR_CERTIFICATE_EXPIRED", fault: "network" });
    });

    it.each(["TLSv1.2", "TLSv1.3"] as const)("is told with %s that the server wants a certificate: ERR_TLS", async (version) => {
      const onServer = { requestCert: true, rejectUnauthorized: true, minVersion: version, maxVersion: version };
      expect(await attempt({}, onServer)).toMatchObject({ code: "ERR_TLS" });
    });

    it("does not connect to a server without TLS, or one that hangs up: ERR_TLS", async () => {
      const server = await startServer();
      connect(`wss://127.0.0.1:${server.port}`);
      expect(await failure()).toMatchObject({ code: "ERR_TLS" });
      const silent = await TestServer.start();
      cleanups.push(() => silent.stop());
      listener = new RecordingListener();
      connect(`wss://127.0.0.1:${silent.port}`);
      (await silent.connection()).end();
      expect(await failure()).toMatchObject({ code: "ERR_TLS" });
    });
  });

  describe("is closed", () => {
    it("by a frame of text: ERR_WEBSOCKET, after the bytes before it, and the server is told why", async () => {
      const { closed, request } = await open();
      request.socket.write(hex("82 02 01 02 81 01 41 82 01 03"));
      expect(await failure()).toMatchObject({ code: "ERR_WEBSOCKET", fault: "server" });
      expect(listener.calls).toEqual(["onOpen", "onReadable", "onClose"]);
      expect(bytes).toEqual([1, 2]);
      expect(await closed).toBe(1003);
    });

    it.each([
      ["reserved bits", "f2 00"],
      ["an unknown opcode", "83 00"],
      ["a mask, which is for clients", "82 81 00 00 00 00 01"],
      ["the rest of a message that never began", "80 01 03"],
      ["a ping in pieces", "09 00"],
      ["a ping that is too long", "89 7e 00 7e"],
      ["a close frame of one byte", "88 01 03"],
      ["a code that no close frame may have", "88 02 03 ed"],
      ["a byte more than the largest packet of MQTT", "82 7f 00 00 00 00 10 00 00 05"],
    ])("by a frame with %s: ERR_WEBSOCKET, after the bytes before it", async (_what, frame) => {
      const { request } = await open();
      request.socket.write(hex(`82 02 01 02 ${frame}`));
      expect(await failure()).toMatchObject({ code: "ERR_WEBSOCKET", fault: "server" });
      expect(listener.error?.message).toMatch(/^lost the connection to ws:\/\/127\.0\.0\.1:\d+\/: /);
      expect(bytes).toEqual([1, 2]);
      expect(listener.calls).toEqual(["onOpen", "onReadable", "onClose"]);
    });

    it("by a close frame with a reason: ERR_CONNECTION_CLOSED, with the code of it", async () => {
      const { socket } = await open();
      socket.send(Uint8Array.of(1));
      socket.close(1008, "not you");
      expect(await failure()).toMatchObject({ code: "ERR_CONNECTION_CLOSED", fault: "network", reasonCode: 1008 });
      expect(bytes).toEqual([1]);
    });

    it("by an end in the middle of a frame: ERR_CONNECTION_CLOSED", async () => {
      const { request } = await open();
      request.socket.end(hex("82 01 01 82 05 02 03"));
      expect(await failure()).toMatchObject({ code: "ERR_CONNECTION_CLOSED", reasonCode: 0 });
      expect(bytes).toEqual([1]);
    });

    it("without losing bytes when it is written to after the server has closed", async () => {
      listener.then = () => undefined;
      const { socket } = await open();
      socket.send(Uint8Array.of(1, 2, 3));
      socket.close();
      await until("onReadable");
      for (let round = 0; round < 20; round++) {
        transport.write(Uint8Array.of(9), 1);
        await pass(5);
      }
      expect(listener.calls).not.toContain("onClose");
      expect(readAll()).toEqual([1, 2, 3]);
      expect(await failure()).toMatchObject({ code: "ERR_CONNECTION_CLOSED" });
    });
  });

  it("tells no secrets of its URL and headers", async () => {
    const server = await TestServer.start();
    await server.stop();
    connect(`ws://anna:s%40cret@127.0.0.1:${server.port}/mqtt?token=t0ken`, { headers: { Authorization: "t0ken" } });
    const error = await failure();
    expect(error?.message).toContain(`to ws://127.0.0.1:${server.port}/mqtt: `);
    expect(`${String(error)} ${error?.stack ?? ""} ${JSON.stringify(error)}`).not.toMatch(/anna|cret|t0ken/);
  });
});

describe("the options of a WebSocket", () => {
  const refused = (options: WebSocketTransportOptions): MqttError => {
    try {
      new WebSocketTransport(options);
    } catch (error) {
      return error as MqttError;
    }
    throw new Error("no error");
  };

  it.each(["", "broker", "http://broker", "mqtt://broker", "ws://", "ws://broker:99999", "ws://anna:secret@broker/#x", "ws://anna:secret@", "ws://anna:secret%zz@x"])(
    "have another url than %j",
    (url) => {
      const error = refused({ url });
      expect(error).toMatchObject({ code: "ERR_ARGUMENT", fault: "caller" });
      expect(error.message).toMatch(/^url must /);
      expect(error.message).not.toContain("secret");
    },
  );

  it.each([{ "a b": "c" }, { a: "b\r\nc: secret" }, { "": "x" }])("have other headers than %j", (headers) => {
    const error = refused({ url: "ws://broker", headers });
    expect(error).toMatchObject({ code: "ERR_ARGUMENT", message: "headers must be names and values that HTTP allows" });
  });

  it("are checked for what TLS takes", () => {
    expect(refused({ url: "wss://broker", cert: "x" }).message).toContain("cert and key");
    expect(refused({ url: "wss://broker", ca: "x", cert: "x", key: "y" }).message).toContain("ca, cert, key");
  });
});
