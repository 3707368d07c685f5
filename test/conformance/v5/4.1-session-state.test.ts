import { createServer, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { Client, type Message } from "mqtt-xs/v5";
import { NodeClock, TcpTransport } from "../../../hosts/node/index.js";
import { listen } from "../../../hosts/start/listen.js";
import type { TransportListener } from "../../../src/client/transport.js";
import { ManualClock } from "../../support/manual-clock.js";
import {
  concat,
  connack,
  parsePackets,
  pingresp,
  puback,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  suback,
} from "../../support/v5/packets.js";
import { until } from "../../support/waiting.js";
import { connect, messages, PERSISTENT, reconnect } from "./support.js";

describe("4.1 Session State", () => {
  it("MQTT-4.1.0-1: while connected no state is given up, however long an acknowledgement takes, past every interval", () => {
    for (const options of [
      PERSISTENT,
      { ...PERSISTENT, sessionExpiryInterval: 1 },
      { ...PERSISTENT, sessionExpiryInterval: 0 },
      {},
    ]) {
      const { broker, client, events } = connect({ ...options, keepalive: 60 });
      client.publish("t", "1", 1);
      client.publish("t", "2", 2);
      client.publish("t", "3", 2);
      broker.transport.takeSent();
      broker.sendTogether(pubrec(3), publish({ topic: "in", qos: 2, identifier: 7 }));
      broker.transport.takeSent();
      for (let time = 0; time < 24 * 3_600_000; time += 27_000) {
        broker.advance(27_000);
        for (const sent of broker.takePackets()) if (sent.type === "PINGREQ") broker.send(pingresp());
      }
      broker.sendTogether(puback(1), pubrec(2), pubcomp(3), publish({ topic: "in", qos: 2, dup: true, identifier: 7 }));
      broker.expectBytes(pubrel(2));
      broker.expectBytes(pubrec(7));
      broker.sendTogether(pubcomp(2), pubrel(7));
      broker.expectBytes(pubcomp(7));
      broker.expectNothing();
      expect(events).toEqual(["message in: ", "delivered 1", "delivered 3", "delivered 2"]);
    }
  });

  it("MQTT-4.1.0-1: the server's shorter interval ends no session while connected; resumed in time, it is kept", () => {
    const fixture = connect(PERSISTENT, {}, { properties: [["sessionExpiryInterval", 2]] });
    const { broker, client } = fixture;
    client.publish("t", "1", 1);
    broker.expect("PUBLISH");
    broker.advance(30_000);
    broker.transport.takeSent();
    broker.drop();
    broker.advance(0);
    broker.transport.accept();
    broker.expect("CONNECT", { cleanStart: false });
    broker.send(connack({ sessionPresent: true }));
    broker.expect("PUBLISH", { payload: "1", dup: true });
  });

  it("MQTT-4.1.0-1: a session without end is kept across any number of lost connections and long times", () => {
    const fixture = connect(PERSISTENT);
    const { broker, client, events } = fixture;
    client.subscribe({ filter: "a", handler: ({ topic }) => events.push(`handler ${topic}`) });
    broker.send(suback(1, 0));
    client.publish("t", "1", 1); // 2
    client.publish("t", "2", 2); // 3
    client.publish("t", "3", 2); // 4
    broker.sendTogether(pubrec(4), publish({ topic: "in", qos: 2, identifier: 7 }));
    broker.transport.takeSent();
    for (let connection = 0; connection < 10; connection++) {
      broker.drop();
      broker.advance(0);
      broker.transport.refuse();
      broker.advance(24 * 3_600_000);
      broker.drop();
      broker.advance(0);
      reconnect(fixture, { sessionPresent: true });
      const sent = broker.takePackets().map((packet) => `${packet.type} ${"identifier" in packet ? packet.identifier : ""}`);
      expect(sent.toSorted()).toEqual(["PUBLISH 2", "PUBLISH 3", "PUBREL 4"]);
    }
    broker.send(publish({ topic: "in", qos: 2, dup: true, identifier: 7 }));
    broker.expectBytes(pubrec(7));
    broker.send(publish({ topic: "a" }));
    expect(events.filter((event) => /message|handler/.test(event))).toEqual(["message in: ", "handler a"]);
  });

  it("MQTT-4.1.0-1: state ends with its last acknowledgement, not later", () => {
    const fixture = connect(PERSISTENT);
    const { broker, client, events } = fixture;
    client.publish("t", "1", 1);
    client.publish("t", "2", 2);
    broker.send(publish({ topic: "in", payload: "first", qos: 2, identifier: 7 }));
    broker.sendTogether(puback(1, 0x10), pubrec(2), pubrel(7));
    broker.send(pubcomp(2));
    broker.transport.takeSent();
    reconnect(fixture, { sessionPresent: true });
    broker.expectNothing();
    broker.send(publish({ topic: "in", payload: "second", qos: 2, identifier: 7 }));
    broker.expectBytes(pubrec(7));
    expect(messages({ events })).toEqual(["message in: first", "message in: second"]);
    expect(client.inflight).toBe(0);
  });
});

describe("4.2 Network Connections", () => {
  const cleanups: (() => void)[] = [];
  afterEach(() => {
    for (const cleanup of cleanups.splice(0)) cleanup();
  });

  /** A server on TCP that plays its lines when the client has sent what it waits for. */
  async function serve(play: (socket: Socket, received: Uint8Array) => void): Promise<number> {
    const server = createServer((socket) => {
      let received: Uint8Array = new Uint8Array();
      socket.on("error", () => undefined);
      socket.on("data", (bytes) => {
        received = concat(received, bytes);
        play(socket, received);
      });
      cleanups.push(() => socket.destroy());
    });
    cleanups.push(() => server.close());
    return listen(server);
  }

  it("MQTT-4.2.0-1: the client works over TCP: connects, subscribes, publishes, receives, disconnects", async () => {
    const replies = new Map<string, Uint8Array>([
      ["CONNECT", connack({ properties: [["assignedClientIdentifier", "x"], ["topicAliasMaximum", 2]] })],
      ["SUBSCRIBE", suback(1, 1)],
      ["PUBLISH", concat(puback(2, 0x10), publish({ topic: "down", payload: "there", qos: 1, identifier: 5 }))],
    ]);
    const types: string[] = [];
    let closed = false;
    const port = await serve((socket, received) => {
      for (const { type } of parsePackets(received).slice(types.length)) {
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
      onDelivered: (identifier, reasonCode) => events.push(`delivered ${identifier} ${reasonCode}`),
      onDisconnect: (error) => events.push(error?.code ?? "closed"),
    });
    cleanups.push(() => client.close());
    const handler = (message: Message): unknown => events.push(message.text());
    client.subscribe({ filter: "down", qos: 1, handler }, () => client.publish("up", "here", 1));
    client.connect();
    await until("the client has acknowledged", () => types.includes("PUBACK"));
    client.close();
    await until("the client has closed", () => closed);
    expect(events).toEqual(["delivered 2 16", "there", "closed"]);
    expect(types).toEqual(["CONNECT", "SUBSCRIBE", "PUBLISH", "PUBACK", "DISCONNECT"]);
  });

  it("MQTT-4.2.0-1: the client needs no more of its stream than bytes in order, both ways", () => {
    const written: number[] = [];
    const incoming: number[] = [];
    const events: string[] = [];
    let listener: TransportListener | undefined;
    const client = new Client({
      clock: new ManualClock(),
      clientId: "c",
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
