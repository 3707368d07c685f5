import { describe, expect, it } from "vitest";
import { TopicFilter, WOULD_BLOCK } from "mqtt-xs";
import { NO_RESPONSE_TOPIC, Responder, type ResponderOptions, TOO_LONG, TOO_MANY } from "mqtt-xs/request";
import { MqttError } from "../../src/errors.js";
import { puback, publish, suback, unsuback, type ClientPacket } from "../support/v5/packets.js";
import type { ScriptedBroker5 } from "../support/v5/scripted-broker.js";
import { asking, createClient, createResponder, reconnect, REQUEST_FILTER, responding, type ResponderSetup } from "./support.js";

const PERSISTENT = { clean: false, clientId: "c" } as const;

/** What is thrown for these options. */
function refusal(options: object): unknown {
  const { client } = createClient();
  try {
    new Responder({ client, filter: REQUEST_FILTER, onRequest: () => undefined, ...options });
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

/** A responder that answers all at once with `payload`. */
function answering(payload: string, options: Partial<ResponderOptions> = {}, ...rest: [object?, object?]): ResponderSetup {
  const setup: ResponderSetup = responding(
    { onRequest: (request) => void setup.responder.respond(request, payload), ...options },
    ...rest,
  );
  return setup;
}

/** A responder that keeps all requests. */
function keeping(options: Partial<ResponderOptions> = {}, ...rest: [object?, object?]): ResponderSetup {
  const setup: ResponderSetup = responding({ onRequest: (request) => setup.responder.keep(request), ...options }, ...rest);
  return setup;
}

/** Takes the answer that comes next, which has no other properties than Correlation Data, and those only if expected. */
function expectAnswer(broker: ScriptedBroker5, topic: string, payload: string, correlationData?: string | Uint8Array): ClientPacket<"PUBLISH"> {
  const answer = broker.expect("PUBLISH", { topic, payload, qos: 0, retain: false, properties: { correlationData } });
  expect(Object.keys(answer.properties)).toEqual(correlationData === undefined ? [] : ["correlationData"]);
  return answer;
}

describe("A responder subscribes to its requests", () => {
  it.each([
    ["with QoS 0 by default", {}, 0],
    ["with the QoS of its options", { qos: 2 }, 2],
    ["by a prepared filter", { filter: new TopicFilter(REQUEST_FILTER) }, 0],
  ] as const)("%s", (_, options, qos) => {
    const { broker, client } = createResponder(options);
    client.connect();
    broker.acceptConnection();
    broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: REQUEST_FILTER, qos }] });
    broker.expectNothing();
  });

  it("in a share of the work", () => {
    const { broker, client, ask, responder } = createResponder({ filter: `$share/all/${REQUEST_FILTER}`, onRequest: (request) => void responder.respond(request, "y") });
    client.connect();
    broker.acceptConnection();
    broker.send(suback(broker.expect("SUBSCRIBE").identifier, 0));
    ask(asking());
    expectAnswer(broker, "to/you", "y");
  });

  it("again when the server has lost the session", () => {
    const { broker, ask } = answering("y", {}, PERSISTENT);
    reconnect(broker, { sessionPresent: false });
    broker.send(suback(broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: REQUEST_FILTER }] }).identifier, 0));
    ask(asking("1"));
    expectAnswer(broker, "to/you", "y", "1");
  });

  it("unless the client has no room for another subscription", () => {
    const { client } = createClient({ subscriptions: 1 });
    client.subscribe({ filter: "other" });
    expect(() => new Responder({ client, filter: "a", onRequest: () => undefined })).toThrow(
      expect.objectContaining({ code: "ERR_ARGUMENT", message: expect.stringContaining("client") as string }),
    );
  });
});

describe("What a responder is made of is checked", () => {
  it.each([
    ["requests", 0],
    ["requests", 257],
    ["topicSize", 0],
    ["topicSize", 65_536],
    ["correlationSize", -1],
    ["correlationSize", 65_536],
  ])("%s of %s", (name, value) => {
    const error = refusal({ [name]: value });
    expect(error).toBeInstanceOf(MqttError);
    expect(error).toMatchObject({ code: "ERR_ARGUMENT", message: expect.stringContaining(name) as string });
  });

  it("the filter", () => {
    expect(refusal({ filter: "a/#/b" })).toMatchObject({ code: "ERR_TOPIC_FILTER" });
  });

  it("properties", () => {
    expect(refusal({ properties: { messageExpiryInterval: -1 } })).toMatchObject({ code: "ERR_ARGUMENT" });
  });
});

describe("An answer", () => {
  it("goes to the Response Topic with the Correlation Data, and nothing else besides its payload", () => {
    const { broker, ask, events } = answering("y");
    ask([["userProperty", ["a", "b"]], ["correlationData", Uint8Array.of(0, 255, 9, 8)], ["contentType", "text"], ["responseTopic", "to/you"]], "x");
    expect(events).toEqual(["request: x"]);
    expectAnswer(broker, "to/you", "y", Uint8Array.of(0, 255, 9, 8));
    broker.expectNothing();
  });

  it("has no Correlation Data where the request has none, and empty ones where those are empty", () => {
    const { broker, ask } = answering("y");
    ask(asking("1"));
    ask(asking());
    ask(asking(""));
    expectAnswer(broker, "to/you", "y", "1");
    expectAnswer(broker, "to/you", "y");
    expectAnswer(broker, "to/you", "y", "");
  });

  it("keeps nothing of a longer or a shorter one before it", () => {
    const { broker, ask } = answering("y");
    const lengths = [1, 64, 2, 63, 1, 64];
    for (const length of lengths) ask(asking("c".repeat(length), "t".repeat(2 * length)));
    for (const length of lengths) expectAnswer(broker, "t".repeat(2 * length), "y", "c".repeat(length));
  });

  it("has the properties of the options, or those prepared and given to it, and its request's Correlation Data behind them", () => {
    const setup = responding({ properties: { contentType: "text/plain" }, requests: 2, onRequest: (request) => setup.responder.keep(request) });
    const { broker, ask, responder, requests } = setup;
    const failed = responder.properties({ contentType: "application/json", userProperties: { error: "1" } });
    ask(asking("1"));
    ask(asking());
    responder.respond(requests[1], "b", 0, failed);
    responder.respond(requests[0], "a");
    ask(asking("2"));
    responder.respond(requests[2], "c", 0, failed);
    const userProperties = [["error", "1"]] as const;
    broker.expect("PUBLISH", { payload: "b", properties: { contentType: "application/json", userProperties, correlationData: undefined } });
    broker.expect("PUBLISH", { payload: "a", properties: { contentType: "text/plain", userProperties: undefined, correlationData: "1" } });
    broker.expect("PUBLISH", { payload: "c", properties: { contentType: "application/json", userProperties, correlationData: "2" } });
  });

  it.each([1, 2] as const)("of QoS %i has an identifier that onDelivered tells, and is kept until then, while others are answered", (qos) => {
    const { broker, ask, responder, requests } = keeping({}, PERSISTENT);
    ask(asking("1"));
    const identifier = responder.respond(requests[0], "y", qos);
    expect(identifier).toBeGreaterThan(0);
    const answer = { identifier, topic: "to/you", payload: "y", qos, properties: { correlationData: "1" } };
    broker.expect("PUBLISH", answer);
    ask(asking("2222", "elsewhere"));
    responder.respond(requests[1], "z");
    expectAnswer(broker, "elsewhere", "z", "2222");
    reconnect(broker, { sessionPresent: true });
    broker.expect("PUBLISH", { ...answer, dup: true });
  });

  it("of QoS 1 has no alias, since its topic's bytes become another's, and waits unchanged for the server's Receive Maximum", () => {
    const setup = keeping({ requests: 3 }, {}, { properties: [["topicAliasMaximum", 8], ["receiveMaximum", 1]] });
    const { broker, ask, responder, requests } = setup;
    ask(asking("1", "to/1"));
    ask(asking("22", "to/22"));
    const first = responder.respond(requests[0], "a", 1);
    responder.respond(requests[1], "b", 1);
    ask(asking("333", "to/333"));
    responder.respond(requests[2], "c");
    broker.expect("PUBLISH", { topic: "to/1", payload: "a", properties: { topicAlias: undefined, correlationData: "1" } });
    broker.expect("PUBLISH", { topic: "to/333", payload: "c", properties: { topicAlias: undefined, correlationData: "333" } });
    broker.send(puback(first));
    broker.expect("PUBLISH", { topic: "to/22", payload: "b", properties: { topicAlias: undefined, correlationData: "22" } });
  });

  it("may be larger than packetSize", () => {
    const payload = "y".repeat(500);
    const { broker, ask } = answering(payload, {}, { packetSize: 64 });
    ask(asking("1"));
    expectAnswer(broker, "to/you", payload, "1");
  });

  it("ends its request: there cannot be a second", () => {
    const { responder, ask, requests } = answering("y");
    ask(asking());
    expect(() => responder.respond(requests[0], "z")).toThrow(expect.objectContaining({ code: "ERR_ARGUMENT" }));
  });

  it("that the client has no room for leaves the request there, for another attempt", () => {
    const setup = createResponder(
      {
        onRequest: (request) => {
          setup.events.push(`returned ${setup.responder.respond(request, "y", 1)}`);
          setup.responder.keep(request);
        },
      },
      { inflight: 1 },
    );
    const { broker, client, ask, responder, requests, events } = setup;
    client.connect();
    broker.acceptConnection();
    broker.send(suback(broker.expect("SUBSCRIBE").identifier, 0));
    const identifier = client.publish("other", "", 1);
    broker.expect("PUBLISH");
    ask(asking("1"));
    broker.send(puback(identifier));
    expect(events).toEqual(["request: ", `returned ${WOULD_BLOCK}`, "writable"]);
    expect(responder.respond(requests[0], "y", 1)).toBeGreaterThan(0);
    broker.expect("PUBLISH", { topic: "to/you", properties: { correlationData: "1" } });
  });

  it("that the client throws at leaves the request there", () => {
    const { broker, ask, responder, requests } = keeping({}, {}, { properties: [["maximumQoS", 0]] });
    ask(asking("1"));
    expect(() => responder.respond(requests[0], "y", 1)).toThrow(expect.objectContaining({ code: "ERR_NOT_SUPPORTED" }));
    expect(responder.respond(requests[0], "y")).toBe(0);
    expectAnswer(broker, "to/you", "y", "1");
  });
});

describe("A request", () => {
  it("that is neither answered nor kept is over after the call", () => {
    const { responder, ask, requests } = responding();
    ask(asking());
    ask(asking());
    expect(requests).toHaveLength(2);
    for (const request of requests) {
      expect(() => responder.respond(request, "")).toThrow(expect.objectContaining({ code: "ERR_ARGUMENT" }));
      expect(() => responder.keep(request)).toThrow(MqttError);
      expect(responder.cancel(request)).toBe(false);
    }
  });

  it("that is kept can be answered later, in any order, also over the next connection", () => {
    const { broker, responder, ask, requests } = keeping({ requests: 3 }, PERSISTENT);
    for (const name of ["1", "22", "333"]) ask(asking(name, `to/${name}`));
    responder.respond(requests[1], "b");
    expectAnswer(broker, "to/22", "b", "22");
    reconnect(broker, { sessionPresent: true });
    responder.respond(requests[2], "c");
    responder.respond(requests[0], "a");
    expectAnswer(broker, "to/333", "c", "333");
    expectAnswer(broker, "to/1", "a", "1");
    expect(new Set(requests).size).toBe(3);
  });

  it("that is cancelled makes room for another, and cannot be answered", () => {
    const { responder, ask, requests, events } = keeping();
    ask(asking());
    expect(responder.cancel(requests[0])).toBe(true);
    ask(asking());
    expect(events).toEqual(["request: ", "request: "]);
    expect(requests[1]).not.toBe(requests[0]);
    expect(responder.cancel(requests[0])).toBe(false);
    expect(() => responder.respond(requests[0], "")).toThrow(MqttError);
  });

  it("of QoS 1 or 2 is acknowledged as the application says", () => {
    const { broker, ask } = responding({ qos: 2, onRequest: (_, message) => void (message.reasonCode = 0x87) });
    ask(asking(), "", { qos: 1, identifier: 5 });
    broker.expect("PUBACK", { identifier: 5, reasonCode: 0x87 });
  });

  it("of QoS 2 that comes twice is handed on once", () => {
    const { broker, ask, requests } = answering("y", { qos: 2 });
    ask(asking(), "", { qos: 2, identifier: 5 });
    ask(asking(), "", { qos: 2, identifier: 5, dup: true });
    expectAnswer(broker, "to/you", "y");
    broker.expect("PUBREC", { identifier: 5 });
    broker.expect("PUBREC", { identifier: 5 });
    expect(requests).toHaveLength(1);
  });

  it("whose handler throws does not take a place for ever", () => {
    let throws = true;
    const { ask, requests } = responding({
      onRequest: () => {
        if (throws) throw new Error("of the application");
      },
    });
    expect(() => ask(asking())).toThrow("of the application");
    throws = false;
    ask(asking());
    ask(asking());
    expect(requests).toHaveLength(3);
  });
});

describe("A request that cannot be answered is reported, and not handed on:", () => {
  it("one without a Response Topic", () => {
    const { broker, ask, events } = answering("y");
    ask([["correlationData", "1"]]);
    ask([]);
    expect(events).toEqual([`refused ${NO_RESPONSE_TOPIC}`, `refused ${NO_RESPONSE_TOPIC}`]);
    broker.expectNothing();
  });

  it("one whose Response Topic or Correlation Data do not fit, by a byte", () => {
    const { broker, ask, events } = answering("y", { topicSize: 5, correlationSize: 3 });
    ask(asking("123", "t/567"));
    expectAnswer(broker, "t/567", "y", "123");
    ask(asking("123", "t/5678"));
    ask(asking("1234", "t/567"));
    ask(asking("1", "t"));
    expectAnswer(broker, "t", "y", "1");
    expect(events).toEqual(["request: ", `refused ${TOO_LONG}`, `refused ${TOO_LONG}`, "request: "]);
    broker.expectNothing();
  });

  it("one over the defaults of 128 and 64 bytes", () => {
    const { broker, ask, events } = answering("y", {}, { packetSize: 512 });
    ask(asking("c".repeat(64), "t".repeat(128)));
    ask(asking("c".repeat(65)));
    ask(asking("", "t".repeat(129)));
    expectAnswer(broker, "t".repeat(128), "y", "c".repeat(64));
    expect(events).toEqual(["request: ", `refused ${TOO_LONG}`, `refused ${TOO_LONG}`]);
  });

  it("one for which there is no place, as many being kept as there may be", () => {
    const { broker, ask, responder, requests, events } = keeping({ requests: 2 });
    ask(asking("1"));
    ask(asking("2"));
    ask(asking("3"));
    expect(events).toEqual(["request: ", "request: ", `refused ${TOO_MANY}`]);
    responder.respond(requests[0], "y");
    expectAnswer(broker, "to/you", "y", "1");
    ask(asking("4"));
    expect(events.at(-1)).toBe("request: ");
    responder.respond(requests[1], "y");
    expectAnswer(broker, "to/you", "y", "2");
  });

  it("and the server can be told, where onRefused sets the reason code", () => {
    const { broker, ask } = responding({ qos: 1, onRefused: (message) => (message.reasonCode = 0x97) });
    ask([], "", { qos: 1, identifier: 6 });
    broker.expect("PUBACK", { identifier: 6, reasonCode: 0x97 });
  });

  it("without a word where there is no onRefused", () => {
    const { client, broker } = createClient();
    new Responder({ client, filter: REQUEST_FILTER, onRequest: () => undefined });
    client.connect();
    broker.acceptConnection();
    broker.expect("SUBSCRIBE");
    broker.send(publish({ topic: "service/a" }));
    broker.expectNothing();
    broker.expectOpen();
  });
});

describe("A request larger than packetSize", () => {
  const LARGE = "x".repeat(300);
  const SMALL = { packetSize: 64 };
  const isLast = (event: string): boolean => {
    const [, offset, length] = /(\d+)\+(\d+) of 300/.exec(event) ?? [];
    return Number(offset) + Number(length) === 300;
  };

  it("is handed on piece by piece under one number, and may be answered with the last", () => {
    const setup = responding(
      {
        onRequest: (request, message) => {
          if (message.offset + message.length === message.total) setup.responder.respond(request, "y");
        },
      },
      SMALL,
    );
    const { broker, ask, requests, events } = setup;
    ask(asking("1"), LARGE);
    expect(requests.length).toBeGreaterThan(3);
    expect(new Set(requests).size).toBe(1);
    expect(events[0]).toMatch(/^request: 0\+/);
    expect(isLast(events.at(-1) ?? "")).toBe(true);
    expectAnswer(broker, "to/you", "y", "1");
  });

  it("that is answered early has no other pieces handed on", () => {
    const { broker, ask, requests } = answering("y", {}, SMALL);
    ask(asking("1"), LARGE);
    expect(requests).toHaveLength(1);
    expectAnswer(broker, "to/you", "y", "1");
    broker.expectNothing();
  });

  it("that is kept from its first piece on has the others handed on, and can be answered later", () => {
    const { broker, ask, requests, responder } = keeping({}, SMALL);
    ask(asking("1"), LARGE);
    expect(requests.length).toBeGreaterThan(3);
    responder.respond(requests[0], "y");
    expectAnswer(broker, "to/you", "y", "1");
  });

  it("that cannot be answered is reported once", () => {
    const { ask, events } = responding({}, SMALL);
    ask([], LARGE);
    expect(events).toEqual([`refused ${NO_RESPONSE_TOPIC}`]);
  });

  it("that breaks off with its connection begins anew as another request, and leaves no place taken", () => {
    const setup = responding({ qos: 1 }, { ...PERSISTENT, ...SMALL });
    const { broker, ask, requests, events, responder } = setup;
    for (let count = 0; count < 3; count++) {
      const fields = { topic: "service/a", payload: LARGE, qos: 1, properties: asking("1") } as const;
      broker.send(publish(fields).slice(0, 128));
      expect(events.splice(0).length).toBeGreaterThan(1);
      reconnect(broker, { sessionPresent: true });
    }
    expect(new Set(requests).size).toBe(3);
    ask(asking("1"), LARGE, { qos: 1, dup: true });
    expect(isLast(events.at(-1) ?? "")).toBe(true);
    expect(new Set(requests).size).toBe(4);
    expect(() => responder.respond(requests[0], "")).toThrow(MqttError);
    broker.expect("PUBACK");
  });
});

describe("close", () => {
  it("ends the subscription; what is kept can still be answered", () => {
    const { broker, ask, responder, requests } = keeping();
    ask(asking("1"));
    expect(responder.close()).toBeGreaterThan(0);
    broker.send(unsuback(broker.expect("UNSUBSCRIBE", { topicFilters: [REQUEST_FILTER] }).identifier, 0));
    responder.respond(requests[0], "y");
    expectAnswer(broker, "to/you", "y", "1");
    ask(asking("2"));
    expect(requests).toHaveLength(1);
  });
});

describe("A responder", () => {
  it("knows no other numbers than those of its requests", () => {
    const { ask, responder, requests } = keeping({ requests: 2 });
    ask(asking());
    for (const request of [0, WOULD_BLOCK, 1.5, NaN, 2 ** 40, requests[0] + 1, requests[0] + 2])
      expect(() => responder.respond(request, "")).toThrow(expect.objectContaining({ code: "ERR_ARGUMENT" }));
  });
});
