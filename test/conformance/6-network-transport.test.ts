import { createServer, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { Client, type Message, type TransportListener } from "mqtt-xs";
import { NodeClock, TcpTransport } from "../../hosts/node/index.js";
import { WebSocketTransport } from "../../hosts/node/websocket.js";
import { listen } from "../../hosts/start/listen.js";
import { TestWebSocketServer, type Frame, type TestWebSocketServerOptions } from "../hosts/node/test-websocket-server.js";
import { ManualClock } from "../support/manual-clock.js";
import {
  concat,
  connack,
  firstPacket,
  hex,
  parsePackets,
  pingresp,
  puback,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  suback,
  toHex,
  unsuback,
} from "../support/packets.js";
import { until } from "../support/waiting.js";
import { wholePackets } from "../support/whole-packets.js";
import { type Fixture, messages, PERSISTENT, start } from "./support.js";

/** What a server sends, one packet after the other, to a client with every kind of request under way. */
const SESSION: Readonly<Record<string, Uint8Array>> = {
  CONNACK: connack({ sessionPresent: true }),
  SUBACK: suback(1, 2, 0x80),
  UNSUBACK: unsuback(2),
  PUBACK: puback(3),
  PUBREC: pubrec(4),
  PUBCOMP: pubcomp(5),
  PINGRESP: pingresp(),
  "PUBLISH of QoS 0": publish({ topic: "a/b", payload: "zero", retain: true }),
  "PUBLISH of QoS 1": publish({ topic: "é/b", payload: "one", qos: 1, identifier: 0x0102 }),
  "PUBLISH of QoS 2": publish({ topic: "a", payload: "", qos: 2, identifier: 0x0304 }),
  PUBREL: pubrel(0x0304),
  "PUBLISH of 200 bytes": publish({ topic: "large", payload: "0123456789".repeat(19), qos: 2, identifier: 0x0506 }),
  "PUBLISH after it": publish({ topic: "behind", payload: "0", qos: 1, identifier: 0x0708 }),
};

const BROKEN = {
  "a wrong flag": hex("41 02 00 01"),
  "a Remaining Length of five bytes": hex("30 ff ff ff ff 01"),
  "a bad topic": publish({ topic: hex("61 ed a0 80"), payload: "x" }),
  "QoS 3": hex("36 05 00 01 74 00 01"),
  "a bad topic of a large message": publish({ topic: "a/#", payload: "0123456789".repeat(19) }),
};

/** What the client tells and sends when these bytes come cut after each of `splits`. */
function outcome(bytes: Uint8Array, splits: readonly number[] | "byte by byte"): { events: string[]; sent: string } {
  const events: string[] = [];
  const { broker, client } = start({
    ...PERSISTENT,
    packetSize: 64,
    reconnectPeriod: 0,
    onConnect: (sessionPresent) => events.push(`connected ${sessionPresent ? "session present" : ""}`),
    onDisconnect: (error) => events.push(`disconnected ${error?.code ?? ""}: ${error?.message ?? ""}`),
    onDelivered: (identifier) => events.push(`delivered ${identifier}`),
    onError: (error) => events.push(`error ${error.code}`),
    onMessage: (message) => {
      const { topic, qos, retain, duplicate, offset, total } = message;
      events.push(JSON.stringify({ topic, qos, retain, duplicate, offset, total, text: message.text() }));
    },
  });
  client.subscribe([{ filter: "a", qos: 2 }, { filter: "b" }], (codes) => events.push(`subscribed ${codes.join(" ")}`));
  client.unsubscribe("c", () => events.push("unsubscribed"));
  client.publish("t", "", 1);
  client.publish("t", "", 2);
  client.publish("t", "", 2);
  broker.transport.accept();
  broker.send(connack());
  broker.send(pubrec(5));
  broker.drop();
  client.connect();
  broker.transport.accept();
  broker.expect("CONNECT");
  events.length = 0;
  const [first = 0] = splits === "byte by byte" ? [] : splits;
  // The requests must be out before their answers come, or these would be answers to nothing.
  const head = SESSION["CONNACK"].length;
  if (toHex(bytes.slice(0, head)) === toHex(SESSION["CONNACK"]) && first !== head && splits !== "byte by byte") {
    broker.send(bytes.slice(0, head), splits.filter((at) => at < head));
    broker.send(bytes.slice(head), splits.filter((at) => at > head).map((at) => at - head));
  } else if (splits === "byte by byte") broker.sendByteByByte(bytes);
  else broker.send(bytes, splits);
  const sent = broker.transport.takeSent();
  // Requests and acknowledgements may leave in another order when all came at once; each kind keeps its own.
  const kinds = parsePackets(sent).map((packet) => toHex(packet.bytes));
  return { events, sent: kinds.sort().join(", ") };
}

describe("frames that split and join packets", () => {
  const whole = concat(...Object.values(SESSION));
  const expected = outcome(whole, []);

  it("MQTT-6.0.0-2: a stream that holds every kind of packet is understood", () => {
    expect(expected.events).toEqual([
      "connected session present",
      "subscribed 2 128",
      "unsubscribed",
      "delivered 3",
      "delivered 5",
      '{"topic":"a/b","qos":0,"retain":true,"duplicate":false,"offset":0,"total":4,"text":"zero"}',
      '{"topic":"é/b","qos":1,"retain":false,"duplicate":false,"offset":0,"total":3,"text":"one"}',
      '{"topic":"a","qos":2,"retain":false,"duplicate":false,"offset":0,"total":0,"text":""}',
      expect.stringContaining('"offset":0,"total":190'),
      expect.stringContaining('"offset":52,"total":190'),
      expect.stringContaining('"offset":104,"total":190'),
      expect.stringContaining('"offset":156,"total":190'),
      '{"topic":"behind","qos":1,"retain":false,"duplicate":false,"offset":0,"total":1,"text":"0"}',
    ]);
    for (const acknowledgement of ["40 02 01 02", "50 02 03 04", "70 02 03 04", "50 02 05 06", "40 02 07 08", "62 02 00 04"])
      expect(expected.sent).toContain(acknowledgement);
  });

  it("MQTT-6.0.0-2: it makes no difference when every byte comes by itself", () => {
    expect(outcome(whole, "byte by byte")).toEqual(expected);
  });

  it("MQTT-6.0.0-2: it makes no difference where the stream is cut in two", () => {
    for (let at = 1; at < whole.length; at++) expect(outcome(whole, [at]), `cut after ${at}`).toEqual(expected);
  });

  it("MQTT-6.0.0-2: it makes no difference how large the pieces are", () => {
    for (let size = 1; size < whole.length; size++) {
      const splits = Array.from({ length: Math.ceil(whole.length / size) - 1 }, (_, index) => (index + 1) * size);
      expect(outcome(whole, splits), `pieces of ${size}`).toEqual(expected);
    }
  });

  let before = 0;
  for (const [name, packet] of Object.entries(SESSION)) {
    const begin = before;
    before += packet.length;
    it(`MQTT-6.0.0-2: it makes no difference where ${name} is cut, once or twice, the rest being joined`, () => {
      const ends = Math.min(packet.length, 70);
      for (let first = 0; first < ends; first++)
        for (let second = first; second < Math.min(first + 6, ends); second++) {
          const splits = [begin + first, begin + second].filter((at, index, all) => at > 0 && all.indexOf(at) === index);
          expect(outcome(whole, splits), `cut after ${splits.join(" and ")}`).toEqual(expected);
        }
    });
  }

  for (const [name, violation] of Object.entries(BROKEN))
    it(`MQTT-6.0.0-2: ${name} is the same error wherever it is cut, and what came before it has its effect`, () => {
      const bytes = concat(SESSION["CONNACK"], SESSION["PUBLISH of QoS 1"], violation, SESSION["PUBLISH of QoS 0"]);
      const inOne = outcome(bytes, []);
      expect(inOne.events).toHaveLength(3);
      expect(inOne.events.at(-1)).toMatch(/^disconnected ERR_MALFORMED_PACKET/);
      expect(inOne.sent).toContain("40 02 01 02");
      expect(outcome(bytes, "byte by byte")).toEqual(inOne);
      for (let at = 1; at < bytes.length; at++) expect(outcome(bytes, [at]), `cut after ${at}`).toEqual(inOne);
    });
});

describe("6 WebSocket", () => {
  const cleanups: (() => Promise<void> | void)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  async function startServer(options?: TestWebSocketServerOptions): Promise<TestWebSocketServer> {
    const server = await TestWebSocketServer.start(options);
    cleanups.push(() => server.stop());
    return server;
  }

  /** A client that connects to `server` once, with what it tells. */
  function connectTo({ port }: TestWebSocketServer): { client: Client; events: string[] } {
    const events: string[] = [];
    const client = new Client({
      transport: new WebSocketTransport({ url: `ws://127.0.0.1:${port}/mqtt` }),
      clock: new NodeClock(),
      reconnectPeriod: 0,
      onConnect: () => events.push("connected"),
      onDisconnect: (error) => events.push(error?.code ?? "closed"),
      onMessage: (message) => events.push(message.text()),
      onDelivered: (identifier) => events.push(`delivered ${identifier}`),
    });
    cleanups.push(() => client.close());
    client.connect();
    return { client, events };
  }

  /** Of the packets that have come whole: one may come in several frames. */
  const typesOf = (frames: readonly Frame[]): string[] =>
    wholePackets(concat(...frames.map(({ bytes }) => bytes)), firstPacket).map(({ type }) => type);

  it("MQTT-6.0.0-1: packets leave in binary frames, and no other", async () => {
    const server = await startServer();
    const { client, events } = connectTo(server);
    const { socket, frames } = await server.visitor();
    await until("typesOf(frames).includes('CONNECT')", () => typesOf(frames).includes("CONNECT"));
    socket.send(connack());
    await until("events.includes('connected')", () => events.includes("connected"));
    client.subscribe({ filter: "a" });
    client.publish("large", "0123456789".repeat(1_000), 1);
    await until("typesOf(frames).length === 3", () => typesOf(frames).length === 3);
    socket.send(concat(suback(1, 0), puback(2)));
    await until("events.includes('delivered 2')", () => events.includes("delivered 2"));
    client.close();
    await until("typesOf(frames).includes('DISCONNECT')", () => typesOf(frames).includes("DISCONNECT"));
    expect(typesOf(frames)).toEqual(["CONNECT", "SUBSCRIBE", "PUBLISH", "DISCONNECT"]);
    expect(frames.every(({ isBinary }) => isBinary)).toBe(true);
  });

  it("MQTT-6.0.0-1: a frame of text closes the connection, and is no packet, whatever is in it", async () => {
    const server = await startServer();
    const { events } = connectTo(server);
    const { socket, closed } = await server.visitor();
    socket.send(connack());
    socket.send(publish({ topic: "t", payload: "binary" }));
    socket.send(publish({ topic: "t", payload: "text" }), { binary: false });
    socket.send(publish({ topic: "t", payload: "behind" }));
    await closed;
    await until("events.length >= 3", () => events.length >= 3);
    expect(events).toEqual(["connected", "binary", "ERR_WEBSOCKET"]);
  });

  it("MQTT-6.0.0-2: several packets in a frame and a packet in several frames are the same to the client", async () => {
    const stream = concat(...["one", "two", "three"].map((payload) => publish({ topic: "t", payload })));
    for (const size of [1, 2, 5, 11, stream.length]) {
      const server = await startServer();
      const { events } = connectTo(server);
      const { socket } = await server.visitor();
      socket.send(connack());
      for (let at = 0; at < stream.length; at += size) socket.send(stream.slice(at, at + size));
      await until("events.length >= 4", () => events.length >= 4);
      expect(events, `frames of ${size}`).toEqual(["connected", "one", "two", "three"]);
    }
  });

  it("MQTT-6.0.0-3: the client offers the subprotocol mqtt, and no other", async () => {
    const server = await startServer();
    connectTo(server);
    const { request } = await server.visitor();
    expect(request.headers["sec-websocket-protocol"]).toBe("mqtt");
  });

  it("MQTT-6.0.0-4: a server that agrees to the subprotocol mqtt is sent a CONNECT", async () => {
    const server = await startServer({ webSocket: { handleProtocols: () => "mqtt" } });
    connectTo(server);
    const { frames } = await server.visitor();
    await until("frames.length > 0", () => frames.length > 0);
    expect(typesOf(frames)).toEqual(["CONNECT"]);
  });

  for (const agreed of ["mqttv3.1", "MQTT", false] as const)
    it(`MQTT-6.0.0-4: a server that agrees to ${agreed || "no subprotocol"} instead of mqtt is sent nothing, and left`, async () => {
      const server = await startServer({ webSocket: { handleProtocols: () => agreed } });
      const { events } = connectTo(server);
      const { frames, closed } = await server.visitor();
      await closed;
      expect(frames).toEqual([]);
      await until("events.length > 0", () => events.length > 0);
      expect(events).toEqual(["ERR_WEBSOCKET_SUBPROTOCOL"]);
    });
});

describe("4.2 Network connections", () => {
  const cleanups: (() => void)[] = [];
  afterEach(() => {
    for (const cleanup of cleanups.splice(0)) cleanup();
  });

  /** A server on TCP that plays its lines when the client has sent what it waits for. */
  async function serve(play: (socket: Socket, received: () => Uint8Array) => void): Promise<number> {
    const server = createServer((socket) => {
      let received = new Uint8Array();
      socket.on("error", () => undefined);
      socket.on("data", (bytes) => {
        received = concat(received, bytes) as typeof received;
        play(socket, () => received);
      });
      cleanups.push(() => socket.destroy());
    });
    cleanups.push(() => server.close());
    return listen(server);
  }

  it("MQTT-7.1.2-1: the client works over TCP: connects, subscribes, publishes, receives, disconnects", async () => {
    const replies = new Map<string, Uint8Array>([
      ["CONNECT", connack()],
      ["SUBSCRIBE", suback(1, 1)],
      ["PUBLISH", concat(puback(2), publish({ topic: "down", payload: "there", qos: 1, identifier: 5 }))],
    ]);
    const types: string[] = [];
    let closed = false;
    const port = await serve((socket, received) => {
      for (const { type } of parsePackets(received()).slice(types.length)) {
        types.push(type);
        const reply = replies.get(type);
        if (reply !== undefined) socket.write(reply);
        if (type === "DISCONNECT") socket.on("end", () => (closed = true));
      }
    });
    const events: string[] = [];
    const client = new Client({
      transport: new TcpTransport({ host: "127.0.0.1", port }),
      clock: new NodeClock(),
      onDelivered: (identifier) => events.push(`delivered ${identifier}`),
      onDisconnect: (error) => events.push(error?.code ?? "closed"),
    });
    cleanups.push(() => client.close());
    const handler = (message: Message): unknown => events.push(message.text());
    client.subscribe({ filter: "down", qos: 1, handler }, () => client.publish("up", "here", 1));
    client.connect();
    await until("types.includes('PUBACK')", () => types.includes("PUBACK"));
    client.close();
    await until("closed", () => closed);
    expect(events).toEqual(["delivered 2", "there", "closed"]);
    expect(types).toEqual(["CONNECT", "SUBSCRIBE", "PUBLISH", "PUBACK", "DISCONNECT"]);
  });

  it("MQTT-7.1.2-1: the client needs no more of its stream than bytes in order, both ways", () => {
    const clock = new ManualClock();
    const written: number[] = [];
    const incoming: number[] = [];
    const events: string[] = [];
    let listener: TransportListener | undefined;
    const client = new Client({
      clock,
      transport: {
        writeLimit: 512,
        open: (owner) => void (listener = owner),
        read: (target, begin, end) => {
          const bytes = incoming.splice(0, end - begin);
          target.set(bytes, begin);
          return bytes.length;
        },
        write: (source, length) => written.push(...source.subarray(0, length)) > 0,
        close: () => events.push("closed"),
      },
      onMessage: (message) => events.push(message.text()),
    });
    client.connect();
    listener?.onOpen();
    incoming.push(...connack(), ...publish({ topic: "t", payload: "x", qos: 1, identifier: 9 }));
    listener?.onReadable();
    expect(events).toEqual(["x"]);
    expect(parsePackets(Uint8Array.from(written)).map(({ type }) => type)).toEqual(["CONNECT", "PUBACK"]);
    client.close();
    expect(events).toEqual(["x", "closed"]);
  });
});

describe("4.8 Handling errors", () => {
  const connected = (): Fixture => {
    const fixture = start();
    fixture.broker.acceptConnection();
    return fixture;
  };

  it("MQTT-4.8.0-1: after a violation the client closes that connection only, and makes another one", () => {
    const { broker, client, events } = connected();
    broker.send("f0 00");
    broker.expectClosed();
    expect(client.connected).toBe(false);
    broker.advance(0);
    broker.acceptConnection();
    expect(client.connected).toBe(true);
    expect(events).toEqual(["connected", "disconnected ERR_PROTOCOL", "connected"]);
  });

  it("MQTT-4.8.0-1: no byte of the broken connection is taken for one of the next", () => {
    const { broker, events } = connected();
    broker.send("30 0a 00 03 61"); // cut off
    broker.drop();
    broker.advance(0);
    broker.acceptConnection();
    broker.send(publish({ topic: "t", payload: "x" }));
    broker.sendTogether(hex("f0 00"), publish({ topic: "t", payload: "lost" }));
    broker.expectClosed();
    broker.advance(0);
    broker.acceptConnection();
    broker.send(publish({ topic: "t", payload: "y" }));
    expect(messages({ events })).toEqual(["message t: x", "message t: y"]);
  });

  it("MQTT-4.8.0-1: the error says whose fault it is, and that of the server is told from that of the network", () => {
    const faults: (string | undefined)[] = [];
    const { broker } = start({ onDisconnect: (error) => faults.push(error?.fault) });
    broker.acceptConnection();
    broker.send("00");
    broker.advance(0);
    broker.acceptConnection();
    broker.send("41 02 00 01");
    broker.advance(0);
    broker.acceptConnection();
    broker.drop();
    expect(faults).toEqual(["server", "server", "network"]);
  });

  it("MQTT-4.8.0-2: a packet that cannot be handled for want of memory closes the connection, which is named so", () => {
    const { broker, events } = start({ packetSize: 32 });
    broker.acceptConnection();
    broker.send(publish({ topic: "a".repeat(31), payload: "x", qos: 1, identifier: 1 }));
    broker.expectClosed();
    expect(events).toEqual(["connected", "disconnected ERR_RECEIVE_SIZE"]);
  });
});
