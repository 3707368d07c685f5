import { describe, expect, it } from "vitest";
import { type Message, type MqttError, WOULD_BLOCK } from "mqtt-xs";
import { connack, puback, pubcomp, publish, pubrec, pubrel, suback, unsuback } from "../support/packets.js";
import { connected, create, PERSISTENT, reconnect, type Setup } from "./support.js";

type Hooks = Partial<Record<"onConnect" | "onDisconnect" | "onMessage" | "onDelivered" | "onWritable" | "onError", () => void>>;

interface Stage extends Setup {
  /** What the client's options call. */
  hooks: Hooks;
}

function stage(): Stage {
  const hooks: Hooks = {};
  const options = {
    ...PERSISTENT,
    keepalive: 0,
    packetSize: 64,
    inflight: 2,
    onConnect: () => hooks.onConnect?.(),
    onDisconnect: () => hooks.onDisconnect?.(),
    onMessage: () => hooks.onMessage?.(),
    onDelivered: () => hooks.onDelivered?.(),
    onWritable: () => hooks.onWritable?.(),
    onError: () => hooks.onError?.(),
  };
  return { ...create(options), hooks };
}

function connect({ broker, client }: Setup): void {
  client.connect();
  broker.acceptConnection();
}

/** What leads to each callback. The server goes on afterwards, in the same piece of stream, as if nothing had happened. */
const SCENARIOS: Record<string, (stage: Stage, callback: () => void) => void> = {
  onConnect(stage, callback) {
    stage.hooks.onConnect = callback;
    stage.client.publish("t", "x", 1);
    connect(stage);
  },
  onDisconnect(stage, callback) {
    stage.hooks.onDisconnect = callback;
    connect(stage);
    stage.broker.drop();
  },
  onMessage(stage, callback) {
    stage.hooks.onMessage = callback;
    connect(stage);
    stage.broker.sendTogether(publish({ topic: "a", qos: 1, identifier: 1 }), publish({ topic: "b", qos: 2, identifier: 2 }), puback(9));
  },
  onDelivered(stage, callback) {
    stage.hooks.onDelivered = callback;
    stage.client.publish("t", "x", 1);
    stage.client.publish("t", "y", 1);
    connect(stage);
    stage.broker.sendTogether(puback(1), puback(2));
  },
  "onDelivered of a lost session"(stage, callback) {
    stage.client.publish("t", "x", 2);
    stage.client.publish("t", "y", 1);
    connect(stage);
    stage.broker.send(pubrec(1));
    stage.broker.drop();
    stage.hooks.onDelivered = callback;
    reconnect(stage.broker);
  },
  onWritable(stage, callback) {
    stage.hooks.onWritable = callback;
    expect(stage.client.publish("t", "x")).toBe(WOULD_BLOCK);
    connect(stage);
  },
  onError(stage, callback) {
    stage.hooks.onError = callback;
    stage.client.subscribe({ filter: "a" });
    connect(stage);
    stage.broker.sendTogether(suback(1, 0x80), publish({ topic: "a", qos: 1, identifier: 3 }));
  },
  "the handler of a subscription"(stage, handler) {
    stage.client.subscribe([
      { filter: "#", handler },
      { filter: "a", handler: () => undefined },
    ]);
    connect(stage);
    stage.broker.sendTogether(suback(1, 0, 0), publish({ topic: "a", qos: 2, identifier: 3 }), pubrel(3));
  },
  "the handler of a piece of a message"(stage, handler) {
    stage.client.subscribe({ filter: "#", handler });
    connect(stage);
    stage.broker.sendTogether(suback(1, 0), publish({ topic: "a", payload: "x".repeat(200), qos: 1, identifier: 3 }));
  },
  "done of subscribe"(stage, done) {
    stage.client.subscribe({ filter: "a" }, done);
    connect(stage);
    stage.broker.sendTogether(suback(1, 0), publish({ topic: "a", qos: 1, identifier: 3 }));
  },
  "done of unsubscribe"(stage, done) {
    stage.client.unsubscribe("a", done);
    connect(stage);
    stage.broker.sendTogether(unsuback(1), publish({ topic: "a", qos: 1, identifier: 3 }));
  },
};

describe.each(Object.entries(SCENARIOS))("%s", (_, scenario) => {
  /** Plays the scenario, its callback doing something the first time it is called. */
  function play(act: (stage: Stage) => void, set: Stage = stage()): Stage {
    let calls = 0;
    const callback = (): void => {
      if (++calls === 1) act(set);
    };
    try {
      scenario(set, callback);
    } finally {
      expect(calls).toBeGreaterThan(0);
      expect(set.broker.transport.violations).toEqual([]);
    }
    return set;
  }

  it("may close", () => {
    const { broker, client } = play(({ client: inside }) => {
      inside.close();
      expect(inside.connected).toBe(false);
    });
    expect(client.connected).toBe(false);
    expect(broker.transport.isOpen).toBe(false);
    expect(broker.transport.isOpening).toBe(false);
    expect(broker.clock.armed).toBe(0);
  });

  it("may close and connect again at once", () => {
    const { broker, client } = play(({ client: inside }) => {
      inside.close();
      inside.connect();
    });
    broker.expectConnecting();
    expect(client.connected).toBe(false);
    broker.transport.accept();
    broker.expect("CONNECT", { clientId: "c" });
    broker.expectNothing();
    broker.send(connack());
    expect(client.connected).toBe(true);
    broker.takePackets();
    expect(client.publish("after", "z")).toBe(0);
    broker.expect("PUBLISH", { topic: "after", payload: "z" });
  });

  it("may publish, subscribe and unsubscribe", () => {
    let identifiers: number[] = [];
    const { broker } = play(({ client }) => {
      identifiers = [client.subscribe({ filter: "new" }), client.unsubscribe("new"), client.publish("new", "1", 1)];
      client.publish("new", "0", 0);
    });
    if (!broker.transport.isOpen) reconnect(broker, { sessionPresent: true });
    const given = identifiers.filter((identifier) => identifier !== WOULD_BLOCK);
    expect(given.length).toBeGreaterThanOrEqual(2);
    const sent = broker.takePackets().flatMap((packet) => ("identifier" in packet ? [packet.identifier] : []));
    expect(sent).toEqual(expect.arrayContaining(given));
  });

  it("may throw: the exception reaches the transport's caller, and the client goes on", () => {
    const set = stage();
    const failing = (): never => {
      throw new Error("a bug in the application");
    };
    expect(() => play(failing, set)).toThrow("a bug in the application");
    const { broker, client } = set;
    broker.advance(40_000); // more than connectTimeout
    if (!broker.transport.isOpen) broker.acceptConnection({ sessionPresent: true });
    expect(client.connected).toBe(true);
    broker.takePackets();
    expect(client.publish("after", "z")).toBe(0);
    broker.expect("PUBLISH", { topic: "after", payload: "z" });
    broker.send(publish({ topic: "still there", qos: 1, identifier: 77 }));
    broker.expect("PUBACK", { identifier: 77 });
  });
});

describe("a handler that throws", () => {
  function throwing(): { setup: Setup; seen: string[] } {
    const seen: string[] = [];
    const setup = connected({
      onMessage: (message: Message) => {
        seen.push(message.text());
        if (message.text() === "bad") throw new Error("bad message");
      },
    });
    return { setup, seen };
  }

  it.each([
    [1, "PUBACK"],
    [2, "PUBREC"],
  ] as const)("has had the message, which is acknowledged, and what is behind it follows, QoS %i", (qos, acknowledgement) => {
    const { setup, seen } = throwing();
    const { broker } = setup;
    const messages = ["good", "bad", "bad", "last"].map((payload, at) => publish({ topic: "t", payload, qos, identifier: at + 1 }));
    expect(() => broker.sendTogether(...messages)).toThrow("bad message");
    expect(() => broker.advance(0)).toThrow("bad message");
    broker.advance(0);
    expect(seen).toEqual(["good", "bad", "bad", "last"]);
    for (const identifier of [1, 2, 3, 4]) broker.expect(acknowledgement, { identifier });
    broker.expectNothing();
  });

  it("does not stop keep alive", () => {
    const { setup } = throwing();
    const { broker } = setup;
    expect(() => broker.send(publish({ topic: "t", payload: "bad", qos: 1, identifier: 1 }))).toThrow("bad message");
    broker.advance(0);
    broker.expect("PUBACK");
    broker.advance(54_000);
    broker.expect("PINGREQ");
  });
});

it("an onWritable that throws from the timer does not stop keep alive", () => {
  let tooMuch = 0;
  const { broker, client } = connected({
    inflight: 1,
    onDelivered: () => {
      throw new Error("in onDelivered");
    },
    onWritable: () => {
      tooMuch++;
      throw new Error("in onWritable");
    },
  });
  client.publish("t", "1", 1);
  expect(client.publish("t", "2", 1)).toBe(WOULD_BLOCK);
  broker.expect("PUBLISH");
  expect(() => broker.send(puback(1))).toThrow("in onDelivered");
  expect(() => broker.advance(0)).toThrow("in onWritable");
  expect(tooMuch).toBe(1);
  broker.advance(60_000);
  broker.expect("PINGREQ");
});

it("a handler that subscribes does not see the message it was called for again", () => {
  const seen: string[] = [];
  const { broker, client } = connected();
  client.subscribe({
    filter: "a",
    handler: () => {
      seen.push("first");
      client.subscribe({ filter: "#", handler: () => seen.push("second") });
    },
  });
  broker.send(suback(1, 0));
  broker.send(publish({ topic: "a" }));
  expect(seen).toEqual(["first"]);
  broker.send(suback(2, 0));
  broker.send(publish({ topic: "b" }));
  expect(seen).toEqual(["first", "second"]);
});

it("overlapping filters: each handler is called, onMessage is not", () => {
  const seen: string[] = [];
  const { broker, client, events } = connected();
  client.subscribe([
    { filter: "a/+", handler: () => seen.push("a/+") },
    { filter: "a/#", handler: () => seen.push("a/#") },
    { filter: "b", handler: () => seen.push("b") },
    { filter: "c" },
  ]);
  broker.send(suback(1, 0, 0, 0, 0));
  for (const topic of ["a/x", "b", "c", "d"]) broker.send(publish({ topic }));
  expect(seen).toEqual(["a/+", "a/#", "b"]);
  expect(events).toEqual([
    ["message", "c", ""],
    ["message", "d", ""],
  ]);
});

it("a violation is told once, and what came behind it is not processed", () => {
  const { broker, client, events } = connected();
  client.publish("t", "x", 1);
  broker.sendTogether(connack(), puback(1), publish({ topic: "t" }));
  expect(events).toEqual([["disconnect", "ERR_PROTOCOL"]]);
  expect(client.inflight).toBe(1);
});

it("more QoS 2 messages under way than receiveMaximum close the connection, by name", () => {
  const errors: (MqttError | undefined)[] = [];
  const { broker } = connected({ receiveMaximum: 2, onDisconnect: (error) => errors.push(error) });
  for (const identifier of [1, 2]) broker.send(publish({ topic: "t", qos: 2, identifier }));
  broker.send(publish({ topic: "t", qos: 2, identifier: 1, dup: true }));
  expect(errors).toEqual([]);
  broker.send(publish({ topic: "t", qos: 2, identifier: 3 }));
  expect(errors).toEqual([expect.objectContaining({ code: "ERR_RECEIVE_MAXIMUM", fault: "resources" })]);
});

it("acknowledgements that nobody waits for complete nothing and harm nothing", () => {
  const { broker, client, events } = connected();
  client.publish("t", "x", 1);
  broker.expect("PUBLISH");
  broker.sendTogether(puback(9), pubcomp(1), unsuback(1), suback(1, 0));
  broker.expectNothing();
  broker.send(pubrec(9));
  broker.expect("PUBREL", { identifier: 9 });
  broker.send(pubrel(9));
  broker.expect("PUBCOMP", { identifier: 9 });
  expect(events).toEqual([]);
  expect(client.inflight).toBe(1);
  broker.send(puback(1));
  expect(events).toEqual([["delivered", 1]]);
});

describe("what was hard to get right", () => {
  it("an onDelivered that throws while a lost session is taken up anew does not cost the connection", () => {
    let calls = 0;
    const { broker, client } = connected({
      ...PERSISTENT,
      onDelivered: () => {
        if (++calls === 1) throw new Error("a bug in the application");
      },
    });
    client.publish("t", "x", 2);
    broker.expect("PUBLISH");
    broker.send(pubrec(1));
    broker.expect("PUBREL");
    broker.drop();
    expect(() => reconnect(broker)).toThrow("a bug in the application");
    broker.advance(0);
    expect(client.connected).toBe(true);
  });

  it("a WOULD_BLOCK that a source got while it was read is followed by onWritable, without the server's help", () => {
    const { broker, client, events } = connected({ keepalive: 0, packetSize: 64 });
    const inner: number[] = [];
    const source = {
      length: 100,
      read: (_target: Uint8Array, start: number, end: number) => {
        inner.push(client.publish("inner", "x"));
        return end - start;
      },
    };
    client.publish("outer", source);
    expect(inner).toEqual([WOULD_BLOCK, WOULD_BLOCK]);
    broker.expect("PUBLISH", { topic: "outer" });
    broker.advance(1_000);
    expect(events).toEqual([["writable"]]);
  });

  it("a filter given twice in one call is one subscription, and its handler called once", () => {
    let calls = 0;
    const handler = (): void => {
      calls++;
    };
    const { broker, client } = connected();
    client.subscribe([{ filter: "a", handler }, { filter: "a", handler }]);
    broker.send(suback(1, 0, 0));
    broker.send(publish({ topic: "a" }));
    expect(calls).toBe(1);
  });
});
