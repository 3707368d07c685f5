import { describe, expect, it } from "vitest";
import { WOULD_BLOCK, type ClientOptions, type PayloadSource } from "mqtt-xs";
import { hex, puback, pubcomp, publish, pubrec, suback, unsuback } from "../support/packets.js";
import { connect, PERSISTENT, reconnect, start, type Fixture } from "./support.js";

/** What to do inside a callback; set once there is a client. */
interface Deed {
  act: () => void;
}

/** One of the callbacks that an application gives, and what makes the client call it. */
interface Callback {
  readonly options?: (deed: Deed) => Partial<ClientOptions>;
  /** The answer to the first CONNECT; the client is not connected yet where it is the callback's cause. */
  readonly early?: boolean;
  readonly provoke: (fixture: Fixture, deed: Deed) => void;
}

const act = (deed: Deed) => (): void => deed.act();

const CALLBACKS: Readonly<Record<string, Callback>> = {
  onConnect: {
    options: (deed) => ({ onConnect: act(deed) }),
    early: true,
    provoke: ({ broker }) => void broker.acceptConnection(),
  },
  "onMessage, QoS 0": {
    options: (deed) => ({ onMessage: act(deed) }),
    provoke: ({ broker }) => broker.sendTogether(publish({ topic: "t" }), publish({ topic: "t" })),
  },
  "onMessage, QoS 1": {
    options: (deed) => ({ onMessage: act(deed) }),
    provoke: ({ broker }) => broker.sendTogether(publish({ topic: "t", qos: 1 }), publish({ topic: "t", qos: 1 })),
  },
  "onMessage, QoS 2": {
    options: (deed) => ({ onMessage: act(deed) }),
    provoke: ({ broker }) => broker.sendTogether(publish({ topic: "t", qos: 2 }), publish({ topic: "t", qos: 2 })),
  },
  "onMessage, the first piece of several": {
    options: (deed) => ({ packetSize: 64, onMessage: act(deed) }),
    provoke: ({ broker }) => broker.send(publish({ topic: "t", payload: new Uint8Array(500), qos: 1 })),
  },
  "a subscription's handler": {
    provoke: ({ broker, client }, deed) => {
      client.subscribe({ filter: "t", handler: act(deed) });
      broker.transport.takeSent();
      broker.send(publish({ topic: "t", qos: 1 }));
    },
  },
  "onDelivered, PUBACK": {
    options: (deed) => ({ onDelivered: act(deed) }),
    provoke: ({ broker, client }) => {
      client.publish("t", "", 1);
      broker.transport.takeSent();
      broker.sendTogether(puback(1), publish({ topic: "t", qos: 1 }));
    },
  },
  "onDelivered, PUBCOMP": {
    options: (deed) => ({ onDelivered: act(deed) }),
    provoke: ({ broker, client }) => {
      client.publish("t", "", 2);
      broker.send(pubrec(1));
      broker.transport.takeSent();
      broker.sendTogether(pubcomp(1), publish({ topic: "t", qos: 1 }));
    },
  },
  "onDelivered, at CONNACK, of what the lost session had taken over": {
    options: (deed) => ({ ...PERSISTENT, onDelivered: act(deed) }),
    provoke: (fixture) => {
      fixture.client.publish("t", "", 2);
      fixture.broker.send(pubrec(1));
      reconnect(fixture, { sessionPresent: false });
    },
  },
  "the callback of subscribe": {
    provoke: ({ broker, client }, deed) => {
      client.subscribe({ filter: "t" }, act(deed));
      broker.transport.takeSent();
      broker.sendTogether(suback(1, 0), publish({ topic: "t", qos: 1 }));
    },
  },
  "the callback of unsubscribe": {
    provoke: ({ broker, client }, deed) => {
      client.unsubscribe("t", act(deed));
      broker.transport.takeSent();
      broker.sendTogether(unsuback(1), publish({ topic: "t", qos: 1 }));
    },
  },
  onError: {
    options: (deed) => ({ onError: act(deed) }),
    provoke: ({ broker, client }) => {
      client.subscribe([{ filter: "a" }, { filter: "b" }]);
      broker.transport.takeSent();
      broker.send(suback(1, 0x80, 0x80));
    },
  },
  onWritable: {
    options: (deed) => ({ inflight: 1, onWritable: act(deed) }),
    provoke: ({ broker, client }) => {
      client.publish("t", "", 1);
      expect(client.publish("t", "", 1)).toBe(WOULD_BLOCK);
      broker.transport.takeSent();
      broker.send(puback(1));
    },
  },
  "onDisconnect, the connection lost": {
    options: (deed) => ({ onDisconnect: act(deed) }),
    provoke: ({ broker }) => broker.drop(),
  },
  "onDisconnect, the stream refused": {
    options: (deed) => ({ onDisconnect: act(deed) }),
    early: true,
    provoke: ({ broker }) => broker.transport.refuse(),
  },
  "onDisconnect, CONNECT refused": {
    options: (deed) => ({ onDisconnect: act(deed) }),
    early: true,
    provoke: ({ broker }) => void broker.acceptConnection({ returnCode: 5 }),
  },
  "onDisconnect, a violation": {
    options: (deed) => ({ onDisconnect: act(deed) }),
    provoke: ({ broker }) => broker.send("f0 00"),
  },
  "onDisconnect, a dead server": {
    options: (deed) => ({ keepalive: 1, onDisconnect: act(deed) }),
    provoke: ({ broker }) => broker.advance(2_000),
  },
  "onDisconnect, no CONNACK in time": {
    options: (deed) => ({ connectTimeout: 1_000, onDisconnect: act(deed) }),
    early: true,
    provoke: ({ broker }) => broker.advance(1_000),
  },
  "onDisconnect, for good": {
    options: (deed) => ({ reconnectPeriod: 0, onDisconnect: act(deed) }),
    provoke: ({ broker }) => broker.drop(),
  },
  "read of a payload that is sent whole": {
    provoke: ({ client }, deed) => void client.publish("t", source(10, deed), 0),
  },
  "read of a payload that is sent whole, QoS 1": {
    provoke: ({ client }, deed) => void client.publish("t", source(10, deed), 1),
  },
  "read of a payload that is sent in pieces": {
    options: () => ({ packetSize: 64 }),
    provoke: ({ client }, deed) => void client.publish("t", source(500, deed), 0),
  },
  "read of a payload that is sent in pieces, QoS 2": {
    options: () => ({ packetSize: 64 }),
    provoke: ({ client }, deed) => void client.publish("t", source(500, deed), 2),
  },
};

function source(length: number, deed: Deed): PayloadSource {
  return {
    length,
    read: (_target, begin, end) => {
      deed.act();
      return end - begin;
    },
  };
}

/** Provokes the callback, doing `what` inside it the first time that it is called. */
function inside({ options, early, provoke }: Callback, what: (fixture: Fixture) => void): Fixture {
  const deed: Deed = { act: () => undefined };
  const settings = options?.(deed) ?? {};
  const fixture = early === true ? start(settings) : connect(settings);
  let calls = 0;
  deed.act = () => {
    if (++calls === 1) what(fixture);
  };
  provoke(fixture, deed);
  expect(calls).toBeGreaterThan(0);
  return fixture;
}

/** Plays a server that does its duty, until the client has nothing more to send; tells the payloads that it got. */
function serve({ broker, client }: Fixture): string[] {
  const payloads: string[] = [];
  if (!broker.transport.isOpen && !broker.transport.isOpening) broker.advance(60_000);
  if (!broker.transport.isOpen && !broker.transport.isOpening) client.connect();
  if (broker.transport.isOpening) broker.acceptConnection();
  for (let packets = broker.takePackets(); packets.length > 0; packets = broker.takePackets())
    for (const packet of packets)
      if (packet.type === "PUBLISH") {
        payloads.push(new TextDecoder().decode(packet.payload));
        if (packet.qos > 0) broker.send(packet.qos === 1 ? puback(packet.identifier) : pubrec(packet.identifier));
      } else if (packet.type === "PUBREL") broker.send(pubcomp(packet.identifier));
      else if (packet.type === "SUBSCRIBE") broker.send(suback(packet.identifier, ...packet.subscriptions.map(() => 0)));
  broker.expectOpen();
  return payloads;
}

describe("inside every callback", () => {
  for (const [name, callback] of Object.entries(CALLBACKS)) {
    it(`close() inside ${name} ends the connection there and then, after DISCONNECT if at all, and for good`, () => {
      let sentThen = NaN;
      const { broker, client } = inside(callback, (fixture) => {
        fixture.client.close();
        sentThen = fixture.broker.transport.sent.length;
      });
      expect(broker.transport.sent).toHaveLength(sentThen);
      expect(client.connected).toBe(false);
      const { opens } = broker.transport;
      broker.advance(3_600_000);
      expect(broker.transport.opens).toBe(opens);
      expect(broker.transport.isOpen || broker.transport.isOpening).toBe(false);
      expect(broker.clock.armed).toBe(0);
      broker.transport.takeSent();
      broker.expectNothing();
    });

    it(`close() and connect() inside ${name} lead to another connection, which works`, () => {
      const fixture = inside(callback, ({ client }) => {
        client.close();
        client.connect();
      });
      const { broker, client } = fixture;
      broker.expectConnecting();
      serve(fixture);
      expect(client.inflight).toBe(0);
      client.publish("t", "works", 1);
      expect(serve(fixture)).toEqual(["works"]);
      broker.send(publish({ topic: "other", qos: 1, identifier: 77 }));
      broker.expectBytes(puback(77));
      client.close();
      broker.expect("DISCONNECT");
      broker.expectClosed();
    });

    it(`publish() inside ${name}, of every QoS, sends each message once that it took`, () => {
      const taken: string[] = [];
      const fixture = inside(callback, ({ client }) => {
        for (const qos of [0, 1, 2] as const) if (client.publish("t", `inside ${qos}`, qos) !== WOULD_BLOCK) taken.push(`inside ${qos}`);
      });
      const payloads = serve(fixture);
      expect(payloads.filter((payload) => payload.startsWith("inside")).sort()).toEqual(taken);
      expect(fixture.client.inflight).toBe(0);
    });
  }

  const throwing: PayloadSource = {
    length: 10,
    read: () => {
      throw new Error("of the application");
    },
  };

  for (const qos of [1, 2] as const)
    it(`a source that throws in publish() of QoS ${qos} leaves no trace`, () => {
      const { broker, client } = connect();
      expect(() => client.publish("t", throwing, qos)).toThrow("of the application");
      expect(client.inflight).toBe(0);
      client.publish("t", "next", 1);
      broker.expect("PUBLISH", { payload: "next" });
      broker.expectNothing();
    });

  it("a source that throws once its head is out, or gives up, ends the connection: no other packet follows the head", () => {
    const givingUp: PayloadSource = { length: 10, read: () => -1 };
    for (const source of [throwing, givingUp]) {
      const { broker, client, events } = connect({ onWritable: () => client.publish("t", "too soon") });
      expect(() => {
        client.publish("t", source);
        if (source === givingUp) throw new Error("of the application");
      }).toThrow("of the application");
      expect(events).toEqual(["disconnected ERR_PAYLOAD_ABANDONED"]);
      expect(broker.transport.closedByClient).toBe(true);
      expect([hex(""), hex("30 0d 00 01 74")]).toContainEqual(broker.transport.takeSent());
      broker.advance(0);
      broker.acceptConnection();
      expect(client.inflight).toBe(0);
      broker.expectNothing();
    }
  });

  it("publish() inside onDelivered at CONNACK sends what waits in order, once, and without DUP in the new session", () => {
    const fixture: Fixture = connect({
      ...PERSISTENT,
      inflight: 6,
      onDelivered: () => fixture.client.publish("t", "inside", 1),
    });
    const { broker, client } = fixture;
    for (const payload of ["1", "2", "3", "4"]) client.publish("t", payload, 2);
    broker.transport.takeSent();
    broker.send(pubrec(2));
    broker.expect("PUBREL");
    reconnect(fixture, { sessionPresent: false });
    for (const payload of ["1", "3", "4", "inside"]) broker.expect("PUBLISH", { payload, dup: false });
    broker.expectNothing();
  });
});
