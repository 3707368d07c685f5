import { afterEach, describe, expect, it } from "vitest";
import { Client, type ClientOptions } from "mqtt-xs/v5";
import { WebSocketTransport } from "mqtt-xs/websocket";
import { NodeClock, TcpTransport } from "../../../hosts/node/index.js";
import { WebSocketTransport as NodeWebSocketTransport } from "../../../hosts/node/websocket.js";
import type { Transport } from "../../../src/client/transport.js";
import { TestWebSocketServer, type Frame, type TestWebSocketServerOptions } from "../../hosts/node/test-websocket-server.js";
import {
  auth,
  concat,
  connack,
  disconnect,
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
  type ClientPacket,
} from "../../support/v5/packets.js";
import { soon, until } from "../../support/waiting.js";
import { wholePackets } from "../../support/whole-packets.js";
import { PERSISTENT, start } from "./support.js";
import { authContinue, credentials, RecordingAuthenticator } from "../../v5/recording-authenticator.js";

const LARGE = "0123456789".repeat(19);

/** What a server sends, one packet after the other, to a client with every kind of request under way. */
const SESSION: Readonly<Record<string, Uint8Array>> = {
  CONNACK: connack({
    sessionPresent: true,
    properties: [...credentialsList(), ["topicAliasMaximum", 2], ["userProperty", ["a", "b"]]],
  }),
  SUBACK: suback(1, [2, 0x87], [["reasonString", "why"]]),
  UNSUBACK: unsuback(2, 0x11),
  PUBACK: puback(3, 0x10, [["userProperty", ["a", ""]]]),
  PUBREC: pubrec(4, 0, [], "long"),
  PUBCOMP: pubcomp(5),
  PINGRESP: pingresp(),
  "PUBLISH of QoS 0": publish({ topic: "a/b", payload: "zero", retain: true, properties: [["topicAlias", 1]] }),
  "PUBLISH by alias": publish({
    topic: "",
    payload: "alias",
    properties: [
      ["topicAlias", 1],
      ["contentType", "x"],
    ],
  }),
  "PUBLISH of QoS 1": publish({ topic: "é/b", payload: "one", qos: 1, identifier: 0x0102 }),
  "PUBLISH of QoS 2": publish({
    topic: "a",
    payload: "",
    qos: 2,
    identifier: 0x0304,
    properties: [["messageExpiryInterval", 9]],
  }),
  PUBREL: pubrel(0x0304, 0, [["reasonString", "r"]]),
  AUTH: auth(0x18, [...credentialsList(), ["reasonString", "x"]]),
  "PUBLISH of 200 bytes": publish({ topic: "large", payload: LARGE, qos: 2, identifier: 0x0506 }),
  "PUBLISH after it": publish({ topic: "behind", payload: "0", qos: 1, identifier: 0x0708 }),
};

function credentialsList(): readonly (readonly ["authenticationMethod", "M"])[] {
  return [["authenticationMethod", "M"]];
}

const BROKEN: Readonly<Record<string, readonly [bytes: Uint8Array, code: string]>> = {
  "a wrong flag": [hex("41 02 00 01"), "ERR_MALFORMED_PACKET e0 01 81"],
  "a Remaining Length of five bytes": [hex("30 ff ff ff ff 01"), "ERR_MALFORMED_PACKET e0 01 81"],
  "a bad topic": [publish({ topic: hex("61 ed a0 80"), payload: "x" }), "ERR_MALFORMED_PACKET e0 01 81"],
  "an alias that was not allowed": [
    publish({ topic: "a", payload: "x", properties: [["topicAlias", 9]] }),
    "ERR_PROTOCOL e0 01 94",
  ],
  "a wildcard in the topic of a large message": [publish({ topic: "a/#", payload: LARGE }), "ERR_PROTOCOL e0 01 82"],
  "a property twice": [
    disconnect(0, [
      ["reasonString", "a"],
      ["reasonString", "a"],
    ]),
    "ERR_PROTOCOL e0 01 82",
  ],
};

/** What a client tells, and sends. */
interface Outcome {
  readonly events: string[];
  /** Packets in hexadecimal, in the order of their bytes. */
  readonly sent: string[];
}

/** A client that is on its second connection, its CONNECT taken, with every kind of request under way. */
function requesting(): { readonly fixture: ReturnType<typeof start>; readonly events: string[] } {
  const events: string[] = [];
  const authenticator = new RecordingAuthenticator();
  const fixture = start({
    ...PERSISTENT,
    authenticator,
    packetSize: 64,
    topicAliasMaximum: 2,
    reconnectPeriod: 0,
    onConnect: (sessionPresent, properties) => events.push(`connected ${String(sessionPresent)} ${pairsOf(properties)}`),
    onDisconnect: (error) => events.push(`disconnected ${error?.code ?? ""}`),
    onDelivered: (identifier, reasonCode) => events.push(`delivered ${identifier} ${reasonCode}`),
    onError: (error) => events.push(`error ${error.code}`),
    onMessage: (message) => {
      const { topic, qos, retain, duplicate, offset, total, properties } = message;
      events.push(
        JSON.stringify({
          topic,
          qos,
          retain,
          duplicate,
          offset,
          total,
          text: message.text(),
          type: properties.get("contentType"),
        }),
      );
    },
  });
  const { broker, client } = fixture;
  client.subscribe([{ filter: "a", qos: 2 }, { filter: "b" }], (codes, properties) =>
    events.push(`subscribed ${codes.join(" ")} ${properties.get("reasonString") ?? ""}`),
  );
  client.unsubscribe("c", (codes) => events.push(`unsubscribed ${codes.join(" ")}`));
  client.publish("t", "", 1);
  client.publish("t", "", 2);
  client.publish("t", "", 2);
  broker.transport.accept();
  broker.send(connack({ properties: credentials() }));
  broker.send(pubrec(5));
  broker.drop();
  client.connect();
  broker.transport.accept();
  broker.expect("CONNECT");
  events.length = 0;
  return { fixture, events };
}

function pairsOf(properties: { get(name: "userProperties"): unknown }): string {
  return JSON.stringify(properties.get("userProperties"));
}

/** What the client tells and sends when these bytes come cut after each of `splits`. */
function outcome(bytes: Uint8Array, splits: readonly number[]): Outcome {
  const { fixture, events } = requesting();
  const { broker, client } = fixture;
  // The requests must be out before their answers come, or these would be answers to nothing.
  const head = SESSION["CONNACK"].length;
  broker.send(bytes.slice(0, head), splits.filter((at) => at < head));
  client.reauthenticate();
  broker.send(bytes.slice(head), splits.filter((at) => at > head).map((at) => at - head));
  // Requests and acknowledgements may leave in another order when all came at once; each kind keeps its own.
  const sent = parsePackets(broker.transport.takeSent()).map((packet) => toHex(packet.bytes));
  return { events, sent: sent.toSorted() };
}

const everyByte = (bytes: Uint8Array): number[] => Array.from({ length: bytes.length - 1 }, (_, index) => index + 1);

describe("frames that split and join packets", () => {
  const whole = concat(...Object.values(SESSION));
  const expected = outcome(whole, []);

  it("MQTT-6.0.0-2: a stream that holds every kind of packet is understood", () => {
    const message = (fields: object): unknown => expect.stringContaining(JSON.stringify(fields).slice(1, -1));
    expect(expected.events).toEqual([
      'connected true [["a","b"]]',
      "subscribed 2 135 why",
      "unsubscribed 17",
      "delivered 3 16",
      "delivered 5 0",
      message({ topic: "a/b", qos: 0, retain: true, duplicate: false, offset: 0, total: 4, text: "zero" }),
      message({ topic: "a/b", qos: 0, retain: false, duplicate: false, offset: 0, total: 5, text: "alias", type: "x" }),
      message({ topic: "é/b", qos: 1, retain: false, duplicate: false, offset: 0, total: 3, text: "one" }),
      message({ topic: "a", qos: 2, retain: false, duplicate: false, offset: 0, total: 0, text: "" }),
      expect.stringContaining('"offset":0,"total":190'),
      expect.stringContaining('"offset":51,"total":190'),
      expect.stringContaining('"offset":102,"total":190'),
      expect.stringContaining('"offset":153,"total":190'),
      message({ topic: "behind", qos: 1, retain: false, duplicate: false, offset: 0, total: 1, text: "0" }),
    ]);
    const acknowledgements = ["40 02 01 02", "50 02 03 04", "70 02 03 04", "50 02 05 06", "40 02 07 08", "62 02 00 04"];
    expect(expected.sent).toEqual(expect.arrayContaining([...acknowledgements, toHex(authContinue("re:"))]));
  });

  it("MQTT-6.0.0-2: nor does it for the server's DISCONNECT, which ends it", () => {
    const bytes = concat(SESSION["CONNACK"], SESSION["PUBLISH of QoS 0"], disconnect(0x9c, [["serverReference", "there"]]));
    const inOne = outcome(bytes, []);
    expect(inOne.events.at(-1)).toBe("disconnected ERR_DISCONNECTED");
    expect(outcome(bytes, everyByte(bytes))).toEqual(inOne);
    for (let at = 1; at < bytes.length; at++) expect(outcome(bytes, [at]), `cut after ${at}`).toEqual(inOne);
  });

  it("MQTT-6.0.0-2: it makes no difference when every byte comes by itself", () => {
    expect(outcome(whole, everyByte(whole))).toEqual(expected);
  });

  it("MQTT-6.0.0-2: it makes no difference where the stream is cut in two", () => {
    for (let at = 1; at < whole.length; at++) expect(outcome(whole, [at]), `cut after ${at}`).toEqual(expected);
  });

  it("MQTT-6.0.0-2: it makes no difference how large the pieces are", () => {
    for (let size = 1; size < whole.length; size++) {
      const splits = everyByte(whole).filter((at) => at % size === 0);
      expect(outcome(whole, splits), `pieces of ${size}`).toEqual(expected);
    }
  });

  let before = 0;
  for (const [name, packet] of Object.entries(SESSION)) {
    const begin = before;
    before += packet.length;
    it(`MQTT-6.0.0-2: it makes no difference where ${name} is cut, once or twice, the rest being joined`, () => {
      const ends = Math.min(packet.length, 40);
      for (let first = 0; first < ends; first++)
        for (let second = first; second < Math.min(first + 6, ends); second++) {
          const splits = [begin + first, begin + second].filter((at, index, all) => at > 0 && all.indexOf(at) === index);
          expect(outcome(whole, splits), `cut after ${splits.join(" and ")}`).toEqual(expected);
        }
    });
  }

  for (const [name, [violation, code]] of Object.entries(BROKEN))
    it(`MQTT-6.0.0-2: ${name} is the same error wherever it is cut, and what came before it has its effect`, () => {
      const bytes = concat(SESSION["CONNACK"], SESSION["PUBLISH of QoS 1"], violation, SESSION["PUBLISH of QoS 0"]);
      const inOne = outcome(bytes, []);
      const [error, said] = [code.slice(0, code.indexOf(" ")), code.slice(code.indexOf(" ") + 1)];
      expect(inOne.events).toHaveLength(3);
      expect(inOne.events.at(-1)).toBe(`disconnected ${error}`);
      expect(inOne.sent).toEqual(expect.arrayContaining(["40 02 01 02", said]));
      expect(outcome(bytes, everyByte(bytes))).toEqual(inOne);
      for (let at = 1; at < bytes.length; at++) expect(outcome(bytes, [at]), `cut after ${at}`).toEqual(inOne);
    });
});

/** WebSocket as a device has it, over its TCP; and as the host has it. */
const TRANSPORTS: readonly (readonly [name: string, make: (port: number) => Transport])[] = [
  [
    "the library's WebSocket",
    (port) => new WebSocketTransport({ transport: new TcpTransport({ host: "127.0.0.1", port }), host: `127.0.0.1:${port}` }),
  ],
  ["the host's WebSocket", (port) => new NodeWebSocketTransport({ url: `ws://127.0.0.1:${port}/mqtt` })],
];

describe.each(TRANSPORTS)("6 WebSocket, by %s", (_name, make) => {
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
  function connectTo({ port }: TestWebSocketServer, options: Partial<ClientOptions> = {}): { client: Client; events: string[] } {
    const events: string[] = [];
    const client = new Client({
      transport: make(port),
      clock: new NodeClock(),
      clientId: "c",
      reconnectPeriod: 0,
      onConnect: () => events.push("connected"),
      onDisconnect: (error) => events.push(error?.code ?? "closed"),
      onMessage: (message) => events.push(message.text()),
      onDelivered: (identifier, reasonCode) => events.push(`delivered ${identifier} ${reasonCode}`),
      ...options,
    });
    cleanups.push(() => client.close());
    client.connect();
    return { client, events };
  }

  /** The packets that have come in whole so far. */
  const packetsIn = (frames: readonly Frame[]): ClientPacket[] =>
    wholePackets(concat(...frames.map(({ bytes }) => bytes)), firstPacket);

  const typesOf = (frames: readonly Frame[]): string[] => packetsIn(frames).map(({ type }) => type);

  it("MQTT-6.0.0-1: packets leave in binary frames, and no other", async () => {
    const server = await startServer();
    const { client, events } = connectTo(server, { authenticator: new RecordingAuthenticator() });
    const { socket, frames } = await server.visitor();
    await until("CONNECT", () => typesOf(frames).includes("CONNECT"));
    socket.send(authContinue("x"));
    await until("AUTH", () => typesOf(frames).includes("AUTH"));
    socket.send(connack({ properties: credentials() }));
    await until("connected", () => events.includes("connected"));
    client.subscribe({ filter: "a" });
    client.publish("large", "0123456789".repeat(1_000), 1);
    await until("both requests", () => typesOf(frames).length === 4);
    socket.send(concat(suback(1, 0), puback(2, 0x10)));
    await until("delivered", () => events.includes("delivered 2 16"));
    client.close(0x04);
    await until("DISCONNECT", () => typesOf(frames).includes("DISCONNECT"));
    expect(typesOf(frames)).toEqual(["CONNECT", "AUTH", "SUBSCRIBE", "PUBLISH", "DISCONNECT"]);
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
    await until("the end", () => events.length >= 3);
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
      await until("all messages", () => events.length >= 4);
      expect(events, `frames of ${size}`).toEqual(["connected", "one", "two", "three"]);
    }
  });

  it("MQTT-6.0.0-2: the server's DISCONNECT ends the connection, in the same frame as what came before it too", async () => {
    const server = await startServer();
    const { events } = connectTo(server);
    const { socket, frames } = await server.visitor();
    socket.send(concat(connack(), publish({ topic: "t", payload: "x" }), disconnect(0x8b)));
    await until("the end", () => events.length >= 3);
    expect(events).toEqual(["connected", "x", "ERR_DISCONNECTED"]);
    await until("CONNECT", () => frames.length > 0);
    expect(typesOf(frames)).toEqual(["CONNECT"]);
  });

  it("4.13: a violation is answered by DISCONNECT in a frame, then the WebSocket is closed", async () => {
    const server = await startServer();
    const { events } = connectTo(server);
    const { socket, frames, closed } = await server.visitor();
    socket.send(concat(connack(), hex("41 02 00 01")));
    await closed;
    await until("the end", () => events.length >= 2);
    expect(events).toEqual(["connected", "ERR_MALFORMED_PACKET"]);
    await soon(() => expect(typesOf(frames)).toEqual(["CONNECT", "DISCONNECT"]));
  });

  it("MQTT-6.0.0-3: the client offers the subprotocol mqtt, and no other", async () => {
    const server = await startServer();
    connectTo(server);
    const { request } = await server.visitor();
    expect(request.headers["sec-websocket-protocol"]).toBe("mqtt");
  });

  it("MQTT-6.0.0-4: a server that agrees to the subprotocol mqtt is sent a CONNECT of 5.0", async () => {
    const server = await startServer({ webSocket: { handleProtocols: () => "mqtt" } });
    connectTo(server);
    const { frames } = await server.visitor();
    await until("CONNECT", () => packetsIn(frames).length > 0);
    expect(packetsIn(frames)).toMatchObject([{ type: "CONNECT", protocolVersion: 5 }]);
  });

  for (const agreed of ["mqttv5.0", "MQTT", false] as const)
    it(`MQTT-6.0.0-4: a server that agrees to ${agreed || "nothing"} instead of mqtt is sent nothing, and left`, async () => {
      const server = await startServer({ webSocket: { handleProtocols: () => agreed } });
      const { events } = connectTo(server);
      const { frames, closed } = await server.visitor();
      await closed;
      expect(frames).toEqual([]);
      await until("the end", () => events.length > 0);
      expect(events).toEqual(["ERR_WEBSOCKET_SUBPROTOCOL"]);
    });
});
