import { afterEach, describe, expect, it, vi } from "vitest";
import { type PayloadSource, Topic as PlainTopic, WOULD_BLOCK } from "mqtt-xs";
import { Topic } from "mqtt-xs/v5";
import { Requester } from "mqtt-xs/request";
import { MqttError } from "../../src/errors.js";
import { puback, pubcomp, publish, pubrec, suback, unsuback } from "../support/v5/packets.js";
import { acceptSubscribed, createClient, createRequester, reconnect, requesting, RESPONSE_TOPIC, takeRequest } from "./support.js";

const TOPIC = "service/a";
const PERSISTENT = { clean: false, clientId: "c" } as const;

afterEach(() => void vi.restoreAllMocks());

/** What is thrown for these options. */
function refusal(options: object): unknown {
  const { broker, client } = createClient();
  try {
    new Requester({ client, clock: broker.clock, responseTopic: "r", onResponse: () => undefined, ...options });
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

describe("A requester subscribes to its response topic", () => {
  it("when it is made, with the QoS of its options", () => {
    const { broker, client } = createRequester({ qos: 2 });
    client.connect();
    broker.acceptConnection();
    broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: RESPONSE_TOPIC, qos: 2 }] });
    broker.expectNothing();
  });

  it("with QoS 0 by default, and again when the server has lost the session", () => {
    const { broker, requester, events, respond } = requesting({}, PERSISTENT);
    reconnect(broker, { sessionPresent: false });
    const { identifier } = broker.expect("SUBSCRIBE", { subscriptions: [{ topicFilter: RESPONSE_TOPIC, qos: 0 }] });
    broker.send(suback(identifier, 0));
    const request = requester.request(TOPIC, "x");
    respond(takeRequest(broker), "y");
    expect(events).toEqual(["disconnected ERR_CONNECTION_CLOSED", `response ${request}: y`]);
  });

  it("and leaves it to the client to tell of a refusal", () => {
    const { broker, client, events } = createRequester();
    client.connect();
    broker.acceptConnection();
    broker.send(suback(broker.expect("SUBSCRIBE").identifier, 0x87));
    expect(events).toEqual(["error ERR_SUBSCRIPTION_REFUSED"]);
  });

  it("unless the client has no room for another subscription", () => {
    const { client, broker } = createClient({ subscriptions: 1 });
    client.subscribe({ filter: "other" });
    const make = (): unknown => new Requester({ client, clock: broker.clock, responseTopic: "r", onResponse: () => undefined });
    expect(make).toThrow(expect.objectContaining({ code: "ERR_ARGUMENT", message: expect.stringContaining("client") as string }));
    expect(broker.clock.armed).toBe(0);
  });
});

describe("What a requester is made of is checked before it subscribes", () => {
  it.each([
    ["requests", 0],
    ["requests", 257],
    ["requests", 1.5],
    ["timeout", 0],
    ["timeout", 2 ** 31],
    ["timeout", "1"],
  ])("%s of %s", (name, value) => {
    const error = refusal({ [name]: value });
    expect(error).toBeInstanceOf(MqttError);
    expect(error).toMatchObject({ code: "ERR_ARGUMENT", message: expect.stringContaining(name) as string });
  });

  it.each(["", "a/+", "a/#", "a\0"])("the response topic %j", (responseTopic) => {
    expect(refusal({ responseTopic })).toMatchObject({ code: "ERR_TOPIC" });
  });

  it("properties", () => {
    expect(refusal({ properties: { contentType: "a\0" } })).toMatchObject({ code: "ERR_ARGUMENT" });
  });
});

describe("A request", () => {
  it("has the response topic, four bytes of Correlation Data, and nothing else besides topic and payload", () => {
    const { broker, requester } = requesting();
    expect(requester.request(TOPIC, "x")).toBeGreaterThan(0);
    const { properties } = broker.expect("PUBLISH", { topic: TOPIC, payload: "x", qos: 0, retain: false });
    expect(Object.keys(properties).toSorted()).toEqual(["correlationData", "responseTopic"]);
    expect(properties.responseTopic).toBe(RESPONSE_TOPIC);
    expect(properties.correlationData).toHaveLength(4);
    broker.expectNothing();
  });

  it("goes out behind the subscription to its response topic, also when it is made in onConnect", () => {
    const setup = createRequester({}, { onConnect: () => setup.requester.request(TOPIC, "x") });
    setup.client.connect();
    setup.broker.acceptConnection();
    expect(setup.broker.takePackets().map(({ type }) => type)).toEqual(["SUBSCRIBE", "PUBLISH"]);
  });

  it("has the properties of the options, or those prepared and given to it", () => {
    const { broker, requester } = requesting({ properties: { contentType: "text/plain" } });
    requester.request(TOPIC, "x");
    broker.expect("PUBLISH", { properties: { contentType: "text/plain", messageExpiryInterval: undefined } });
    const given = requester.properties({ messageExpiryInterval: 5, userProperties: { unit: "C" } });
    const request = requester.request(TOPIC, "x", 0, given);
    const { properties } = broker.expect("PUBLISH", {
      properties: { responseTopic: RESPONSE_TOPIC, messageExpiryInterval: 5, userProperties: [["unit", "C"]], contentType: undefined },
    });
    expect(new DataView(Uint8Array.from(properties.correlationData ?? []).buffer).getUint32(0)).toBe(request);
  });

  it("has whole Correlation Data behind properties prepared at any time, also after foreign messages", () => {
    const { broker, requester, respond, events } = requesting();
    respond(Uint8Array.of(1));
    const request = requester.request(TOPIC, "x", 0, requester.properties({ contentType: "text/plain" }));
    respond(takeRequest(broker), "y");
    expect(events).toEqual([`response ${request}: y`]);
  });

  it("takes topics as text, of mqtt-xs and of mqtt-xs/v5, and payloads of each kind", () => {
    const { broker, requester } = requesting();
    const source: PayloadSource = { length: 1, read: (target, start) => ((target[start] = 0x7a), 1) };
    requester.request(new PlainTopic(TOPIC), Uint8Array.of(0x78));
    requester.request(new Topic(TOPIC), "y");
    requester.request(TOPIC, source);
    for (const payload of ["x", "y", "z"]) broker.expect("PUBLISH", { topic: TOPIC, payload });
  });

  it.each([1, 2] as const)("of QoS %i is stored until there is a connection", (qos) => {
    const { broker, client, requester, events, respond } = createRequester();
    const request = requester.request(TOPIC, "x", qos);
    expect(request).toBeGreaterThan(0);
    client.connect();
    acceptSubscribed(broker, RESPONSE_TOPIC);
    const correlation = takeRequest(broker, TOPIC, qos);
    respond(correlation, "y");
    expect(events).toEqual([`response ${request}: y`]);
  });

  it("of QoS 0 is not taken without a connection, and its place stays free", () => {
    const { requester, broker } = createRequester({ requests: 1 });
    expect(requester.request(TOPIC, "x")).toBe(WOULD_BLOCK);
    expect(broker.clock.armed).toBe(0);
    expect(requester.request(TOPIC, "x", 1)).toBeGreaterThan(0);
  });

  it("is not taken where the client has no slot left, which is told by onWritable as for all messages", () => {
    const { broker, client, requester, events } = requesting({}, { inflight: 1 });
    const identifier = client.publish("other", "", 1);
    expect(requester.request(TOPIC, "x", 1)).toBe(WOULD_BLOCK);
    broker.expect("PUBLISH", { topic: "other" });
    broker.send(puback(identifier));
    expect(events).toEqual(["writable"]);
    expect(requester.request(TOPIC, "x", 1)).toBeGreaterThan(0);
  });

  it("that the client throws at leaves its place free", () => {
    const { broker, requester } = requesting({ requests: 1 }, {}, { properties: [["maximumQoS", 0]] });
    expect(() => requester.request(TOPIC, "x", 1)).toThrow(expect.objectContaining({ code: "ERR_NOT_SUPPORTED" }));
    expect(() => requester.request("a/#", "x")).toThrow(expect.objectContaining({ code: "ERR_TOPIC" }));
    expect(broker.clock.armed).toBe(1); // that of the client
    expect(requester.request(TOPIC, "x")).toBeGreaterThan(0);
  });

  it("whose payload is given up is none, and does not end what was asked for meanwhile", () => {
    let another = 0;
    const setup = requesting({ requests: 1 }, {
      onDisconnect: () => (another = setup.requester.request(TOPIC, "x", 1)),
    });
    const { broker, requester, respond, events } = setup;
    const source: PayloadSource = { length: 1_000, read: () => -1 };
    expect(requester.request(TOPIC, source)).toBe(WOULD_BLOCK);
    expect(another).toBeGreaterThan(0);
    broker.advance(0);
    broker.acceptConnection();
    broker.expect("SUBSCRIBE");
    respond(takeRequest(broker, TOPIC, 1), "y");
    expect(events).toEqual([`response ${another}: y`]);
  });

  it("beyond those that there may be is not taken until one of them is over", () => {
    const { broker, requester, respond } = requesting({ requests: 2 });
    requester.request(TOPIC, "1");
    requester.request(TOPIC, "2");
    expect(requester.request(TOPIC, "3")).toBe(WOULD_BLOCK);
    respond(takeRequest(broker), "");
    broker.expect("PUBLISH", { payload: "2" });
    broker.expectNothing();
    expect(requester.request(TOPIC, "3")).toBeGreaterThan(0);
  });

  it("has a number that tells its place", () => {
    const { requester } = requesting({ requests: 3 });
    const numbers = [1, 2, 3].map(() => requester.request(TOPIC, ""));
    expect(numbers.map((number) => number & 0xff).toSorted()).toEqual([0, 1, 2]);
    requester.cancel(numbers[1]);
    expect(requester.request(TOPIC, "") & 0xff).toBe(numbers[1] & 0xff);
  });

  it.each([
    ["the least", 0],
    ["the largest", 1 - 2 ** -32],
  ])("has a number above 0 where the first is %s", (_, value) => {
    vi.spyOn(Math, "random").mockReturnValue(value);
    const { broker, requester, respond, events } = requesting({ requests: 7 });
    for (let count = 0; count < 20; count++) {
      const request = requester.request(TOPIC, "");
      expect(request).toBeGreaterThan(0);
      respond(takeRequest(broker), "");
      expect(events.splice(0)).toEqual([`response ${request}: `]);
    }
  });

  it.each([1, 256])("has a number of its own, which tells its place and is not 0, also when all 32 bits are used up; with room for %i", (requests) => {
    vi.spyOn(Math, "random").mockReturnValue(1 - 3 * 2 ** -23);
    const { broker, requester, respond, events } = requesting({ requests });
    const numbers = new Set<number>();
    for (let turn = 0; turn < 5; turn++) {
      for (let at = 0; at < requests; at++) numbers.add(requester.request(TOPIC, ""));
      expect(requester.request(TOPIC, "")).toBe(WOULD_BLOCK);
      for (let at = 0; at < requests; at++) respond(takeRequest(broker));
    }
    expect(events).toEqual([...numbers].map((number) => `response ${number}: `));
    expect(numbers.size).toBe(5 * requests);
    expect(Math.min(...numbers)).toBeGreaterThan(0);
    expect(Math.max(...numbers)).toBeGreaterThan(0xffff_f000);
    expect(new Set([...numbers].map((number) => number & 0xff)).size).toBe(requests);
  });

  it("has its own number although a QoS 1 request before it has not gone out yet, and has a topic alias", () => {
    const { broker, requester, events, respond } = requesting(
      { requests: 1, timeout: 1_000 },
      { inflight: 4 },
      { properties: [["topicAliasMaximum", 8], ["receiveMaximum", 1]] },
    );
    const topic = new Topic(TOPIC);
    const first = requester.request(topic, "1", 1);
    const { identifier } = broker.expect("PUBLISH", { topic: TOPIC, payload: "1" });
    broker.advance(1_000);
    const second = requester.request(topic, "2", 1); // waits for the Receive Maximum
    broker.advance(1_000);
    const third = requester.request(topic, "3");
    const correlation = broker.expect("PUBLISH", { payload: "3" }).properties.correlationData;
    broker.send(puback(identifier));
    const stale = broker.expect("PUBLISH", { payload: "2" }).properties.correlationData;
    if (!stale || !correlation) throw new Error("no Correlation Data");
    expect(stale).not.toEqual(correlation);
    respond(stale, "late");
    respond(correlation, "y");
    expect(events).toEqual([`timeout ${first}`, `timeout ${second}`, `response ${third}: y`]);
  });

  it("of QoS 0 has an alias in the place of its topic, as other messages have", () => {
    const { broker, requester } = requesting({}, {}, { properties: [["topicAliasMaximum", 8]] });
    const topic = new Topic(TOPIC);
    requester.request(topic, "1");
    requester.request(topic, "2");
    broker.expect("PUBLISH", { topic: TOPIC, properties: { topicAlias: 1 } });
    broker.expect("PUBLISH", { topic: "", properties: { topicAlias: 1, responseTopic: RESPONSE_TOPIC } });
  });
});

describe("A response", () => {
  it("ends the request that has its Correlation Data, in whatever order they come", () => {
    const { broker, requester, events, respond } = requesting();
    const requests = [requester.request(TOPIC, "1"), requester.request(TOPIC, "2"), requester.request(TOPIC, "3")];
    const correlations = requests.map(() => takeRequest(broker));
    respond(correlations[1], "b");
    respond(correlations[2], "c");
    respond(correlations[0], "a");
    expect(events).toEqual([`response ${requests[1]}: b`, `response ${requests[2]}: c`, `response ${requests[0]}: a`]);
  });

  it("leaves room for another request already while it is handed on", () => {
    const another: number[] = [];
    const setup = requesting({
      requests: 1,
      onResponse: () => another.push(setup.requester.request(TOPIC, "2")),
    });
    setup.requester.request(TOPIC, "1");
    setup.respond(takeRequest(setup.broker), "");
    setup.broker.expect("PUBLISH", { payload: "2" });
    expect(another).toEqual([expect.toSatisfy((request: number) => request > 0)]);
  });

  it("of QoS 1 and 2 is acknowledged, once it is handed on, and also when it is late", () => {
    const { broker, requester, events, respond } = requesting({ qos: 2 });
    const request = requester.request(TOPIC, "");
    const correlation = takeRequest(broker);
    respond(correlation, "a", { qos: 1, identifier: 7 });
    broker.expect("PUBACK", { identifier: 7, reasonCode: 0 });
    respond(correlation, "b", { qos: 2, identifier: 8 });
    broker.expect("PUBREC", { identifier: 8, reasonCode: 0 });
    expect(events).toEqual([`response ${request}: a`]);
  });

  it.each<[string, (correlation: Uint8Array) => Uint8Array]>([
    ["of another length", (correlation) => Uint8Array.of(0, ...correlation)],
    ["that is cut off", (correlation) => correlation.slice(1)],
    ["that is empty", () => Uint8Array.of()],
    ["of another number", (correlation) => correlation.with(3, correlation[3] ^ 1)],
    ["of another number in the same place", (correlation) => correlation.with(0, correlation[0] ^ 1)],
    ["of number 0", () => new Uint8Array(4)],
    ["of the largest number", () => new Uint8Array(4).fill(0xff)],
    ["of many bytes", () => new Uint8Array(300).fill(0xff)],
  ])("with Correlation Data %s is not ours, and changes nothing", (_, change) => {
    const { broker, requester, events, respond } = requesting();
    const request = requester.request(TOPIC, "");
    const correlation = takeRequest(broker);
    respond(change(correlation), "foreign");
    expect(events).toEqual([]);
    const next = requester.request(TOPIC, "");
    respond(correlation, "ours");
    respond(takeRequest(broker), "and ours");
    expect(events).toEqual([`response ${request}: ours`, `response ${next}: and ours`]);
  });

  it("without Correlation Data is not ours, and a message of another topic is left to others", () => {
    const { broker, requester, events, respond } = requesting();
    requester.request(TOPIC, "");
    const correlation = takeRequest(broker);
    respond([]);
    broker.send(publish({ topic: "other", properties: [["correlationData", correlation]] }));
    expect(events).toEqual(["message other"]);
  });

  it("is found among the other properties of its message", () => {
    const { broker, requester, events, respond } = requesting();
    const request = requester.request(TOPIC, "");
    respond([["contentType", "\t\t\t\t"], ["userProperty", ["a", "b"]], ["correlationData", takeRequest(broker)], ["messageExpiryInterval", 9]], "y");
    expect(events).toEqual([`response ${request}: y`]);
  });

  it("that comes twice is handed on once", () => {
    const { broker, requester, events, respond } = requesting();
    const request = requester.request(TOPIC, "");
    const correlation = takeRequest(broker);
    respond(correlation, "a");
    respond(correlation, "b");
    expect(events).toEqual([`response ${request}: a`]);
  });

  it("that comes late is not taken for one to the next request in the same place", () => {
    const { broker, requester, events, respond } = requesting({ requests: 1, timeout: 1_000 });
    const first = requester.request(TOPIC, "");
    const late = takeRequest(broker);
    broker.advance(1_000);
    const second = requester.request(TOPIC, "");
    respond(late, "late");
    respond(takeRequest(broker), "in time");
    expect(events).toEqual([`timeout ${first}`, `response ${second}: in time`]);
  });

  it("to what was asked before a restart is not taken for one to what is asked now", () => {
    const before = requesting({ requests: 1 });
    before.requester.request(TOPIC, "");
    const late = takeRequest(before.broker);
    const { requester, respond, events } = requesting({ requests: 1 });
    requester.request(TOPIC, "");
    respond(late, "late");
    expect(events).toEqual([]);
  });

  it("comes over the next connection where the session is kept", () => {
    const { broker, requester, events, respond } = requesting({ qos: 1 }, PERSISTENT);
    const request = requester.request(TOPIC, "");
    const correlation = takeRequest(broker);
    reconnect(broker, { sessionPresent: true });
    broker.expectNothing();
    respond(correlation, "y", { qos: 1 });
    expect(events).toEqual(["disconnected ERR_CONNECTION_CLOSED", `response ${request}: y`]);
  });

  it("whose handler throws has ended its request all the same", () => {
    const { broker, requester, respond } = requesting({
      requests: 1,
      onResponse: () => {
        throw new Error("of the application");
      },
    });
    requester.request(TOPIC, "");
    const correlation = takeRequest(broker);
    expect(() => respond(correlation)).toThrow("of the application");
    expect(requester.request(TOPIC, "")).toBeGreaterThan(0);
  });
});

describe("A response larger than packetSize", () => {
  const LARGE = "x".repeat(300);
  const pieces = (request: number, events: readonly string[]): string[] => events.filter((event) => event.startsWith(`response ${request}:`));

  it("is handed on piece by piece, and ends the request with the last", () => {
    const { broker, requester, events, respond } = requesting({ requests: 1 }, { packetSize: 64 });
    const request = requester.request(TOPIC, "");
    respond(takeRequest(broker), LARGE);
    expect(pieces(request, events).length).toBeGreaterThan(3);
    expect(pieces(request, events)).toEqual(events);
    expect(events[0]).toMatch(/: 0\+\d+ of 300$/);
    expect(requester.request(TOPIC, "")).toBeGreaterThan(0);
  });

  it("has the whole time for each of its pieces", () => {
    const { broker, requester, events } = requesting({ timeout: 1_000 }, { packetSize: 64 });
    const request = requester.request(TOPIC, "");
    const bytes = publish({ topic: RESPONSE_TOPIC, payload: LARGE, properties: [["correlationData", takeRequest(broker)]] });
    broker.advance(999);
    broker.send(bytes.slice(0, 64));
    broker.advance(999);
    broker.send(bytes.slice(64, 128));
    expect(pieces(request, events)).toHaveLength(2);
    broker.advance(999);
    expect(events).not.toContain(`timeout ${request}`);
    broker.advance(1);
    expect(events.at(-1)).toBe(`timeout ${request}`);
    broker.send(bytes.slice(128));
    expect(events.at(-1)).toBe(`timeout ${request}`);
  });

  it("is not handed on any more once its request is cancelled", () => {
    const setup = requesting(
      {
        onResponse: (request) => {
          setup.events.push("piece");
          setup.requester.cancel(request);
        },
      },
      { packetSize: 64 },
    );
    setup.requester.request(TOPIC, "");
    setup.respond(takeRequest(setup.broker), LARGE);
    expect(setup.events).toEqual(["piece"]);
  });

  it("begins anew with QoS 1 when the connection breaks on the way", () => {
    const { broker, requester, events, respond } = requesting({ qos: 1 }, { ...PERSISTENT, packetSize: 64 });
    const request = requester.request(TOPIC, "");
    const correlation = takeRequest(broker);
    const fields = { topic: RESPONSE_TOPIC, payload: LARGE, qos: 1, properties: [["correlationData", correlation]] } as const;
    broker.send(publish(fields).slice(0, 128));
    reconnect(broker, { sessionPresent: true });
    const before = events.splice(0).length;
    expect(before).toBeGreaterThan(1);
    respond(correlation, LARGE, { qos: 1, dup: true });
    expect(events[0]).toMatch(new RegExp(`^response ${request}: 0\\+`));
    expect(pieces(request, events)).toEqual(events);
    broker.expect("PUBACK");
  });
});

describe("A request without a response", () => {
  it("ends after 5 seconds by default, and no sooner", () => {
    const { broker, requester, events } = requesting();
    const request = requester.request(TOPIC, "");
    broker.advance(4_999);
    expect(events).toEqual([]);
    broker.advance(1);
    expect(events).toEqual([`timeout ${request}`]);
  });

  it("ends at its own time, each by itself, also when the clock wraps", () => {
    for (const clockStart of [0, 2 ** 32 - 1_200]) {
      const { broker, requester, events } = requestingAt(clockStart);
      const first = requester.request(TOPIC, "");
      broker.advance(400);
      const second = requester.request(TOPIC, "");
      const third = requester.request(TOPIC, "");
      broker.advance(599);
      expect(events).toEqual([]);
      broker.advance(1);
      expect(events).toEqual([`timeout ${first}`]);
      broker.advance(399);
      expect(events).toHaveLength(1);
      broker.advance(2);
      expect(events.toSorted()).toEqual([`timeout ${first}`, `timeout ${second}`, `timeout ${third}`].toSorted());
    }
  });

  function requestingAt(clockStart: number): ReturnType<typeof requesting> {
    const setup = requesting({ timeout: 1_000 });
    const now = setup.broker.clock.now.bind(setup.broker.clock);
    setup.broker.clock.now = () => (now() + clockStart) % 2 ** 32;
    return setup;
  }

  it("ends as soon as a timer comes that is late, by itself and not from within another request", () => {
    const { broker, requester, events } = requesting({ timeout: 1_000 });
    const first = requester.request(TOPIC, "");
    broker.advance(10);
    const second = requester.request(TOPIC, "");
    broker.clock.now = () => 3_000; // the device has been busy
    const third = requester.request(TOPIC, "");
    expect(events).toEqual([]);
    broker.advance(990);
    expect(events).toEqual([`timeout ${first}`, `timeout ${second}`]);
    broker.advance(10);
    expect(requester.cancel(third)).toBe(true);
  });

  it("does not shorten or lengthen the time of others, whose timer goes on after a response", () => {
    const { broker, requester, events, respond } = requesting({ timeout: 1_000 });
    requester.request(TOPIC, "");
    broker.advance(500);
    const second = requester.request(TOPIC, "");
    respond(takeRequest(broker), "");
    events.length = 0;
    broker.advance(999);
    expect(events).toEqual([]);
    broker.advance(1);
    expect(events).toEqual([`timeout ${second}`]);
  });

  it("may be asked again from onTimeout, although as many as there may be were under way", () => {
    const again: number[] = [];
    const setup = requesting({
      requests: 2,
      timeout: 1_000,
      onTimeout: () => {
        if (again.length < 2) again.push(setup.requester.request(TOPIC, ""));
      },
    });
    setup.requester.request(TOPIC, "");
    setup.requester.request(TOPIC, "");
    setup.broker.advance(1_001);
    expect(again).toEqual([1, 2].map(() => expect.toSatisfy((request: number) => request > 0) as number));
  });

  it("does not keep the others from ending when onTimeout throws", () => {
    const ended: number[] = [];
    const setup = requesting({
      timeout: 1_000,
      onTimeout: (request) => {
        ended.push(request);
        throw new Error("of the application");
      },
    });
    const requests = [setup.requester.request(TOPIC, ""), setup.requester.request(TOPIC, "")];
    expect(() => setup.broker.advance(1_000)).toThrow("of the application");
    expect(() => setup.broker.advance(1)).toThrow("of the application");
    expect(ended.toSorted()).toEqual(requests.toSorted());
  });

  it("ends while the client has no connection, too", () => {
    const { broker, requester, events } = createRequester({ timeout: 1_000 });
    const request = requester.request(TOPIC, "", 1);
    broker.advance(1_000);
    expect(events).toEqual([`timeout ${request}`]);
  });

  it("leaves no timer running when nothing is under way", () => {
    const { broker, requester } = createRequester({ timeout: 1_000 });
    requester.request(TOPIC, "", 1);
    expect(broker.clock.armed).toBe(1);
    broker.advance(1_000);
    expect(broker.clock.armed).toBe(0);
  });
});

describe("A request that the server refuses", () => {
  it.each([
    [1, puback],
    [2, pubrec],
  ] as const)("with QoS %i ends with onFailed, when delivered is told", (qos, refuse) => {
    const setup = requesting({}, { onDelivered: (identifier, code) => void setup.requester.delivered(identifier, code) });
    const { broker, requester, events, respond } = setup;
    const request = requester.request(TOPIC, "", qos);
    const { identifier, properties } = broker.expect("PUBLISH");
    broker.send(refuse(identifier, 0x87));
    expect(events).toEqual([`failed ${request} 0x87`]);
    broker.advance(10_000);
    respond(properties.correlationData ?? []);
    expect(events).toHaveLength(1);
  });

  it("goes on where it was delivered, and its identifier may then be another message's", () => {
    const told: number[] = [];
    const setup = requesting({}, { onDelivered: (identifier, code) => told.push(setup.requester.delivered(identifier, code)) });
    const { broker, requester, events, respond } = setup;
    const request = requester.request(TOPIC, "", 2);
    const { identifier, properties } = broker.expect("PUBLISH");
    broker.send(pubrec(identifier));
    broker.expect("PUBREL");
    broker.send(pubcomp(identifier));
    expect(requester.delivered(identifier, 0x80)).toBe(0);
    respond(properties.correlationData ?? [], "y");
    expect(told).toEqual([request]);
    expect(events).toEqual([`response ${request}: y`]);
  });

  it("is told by its number, so that one which nobody subscribes to can be cancelled", () => {
    const setup = requesting(
      {},
      {
        onDelivered: (identifier, code) => {
          const request = setup.requester.delivered(identifier, code);
          if (code === 0x10) setup.events.push(`cancelled ${request} ${setup.requester.cancel(request)}`);
        },
      },
    );
    const request = setup.requester.request(TOPIC, "", 1);
    setup.broker.send(puback(setup.broker.expect("PUBLISH").identifier, 0x10));
    setup.broker.advance(10_000);
    expect(setup.events).toEqual([`cancelled ${request} true`]);
  });

  it("is none of ours when another message is refused, or the request is over", () => {
    const { broker, client, requester, events, respond } = requesting();
    const other = client.publish("other", "", 1);
    requester.request(TOPIC, "", 1);
    broker.expect("PUBLISH", { topic: "other" });
    const { identifier, properties } = broker.expect("PUBLISH");
    requester.request(TOPIC, "");
    expect(requester.delivered(other, 0x80)).toBe(0);
    respond(properties.correlationData ?? []);
    expect(requester.delivered(identifier, 0x80)).toBe(0);
    expect(events).toHaveLength(1);
  });
});

describe("cancel", () => {
  it("ends a request without a word, and makes room for another", () => {
    const { broker, requester, events, respond } = requesting({ requests: 1 });
    const request = requester.request(TOPIC, "");
    const correlation = takeRequest(broker);
    expect(requester.cancel(request)).toBe(true);
    respond(correlation, "late");
    broker.advance(10_000);
    expect(events).toEqual([]);
    expect(requester.cancel(request)).toBe(false);
    const next = requester.request(TOPIC, "");
    expect(requester.cancel(request)).toBe(false);
    expect(requester.cancel(next)).toBe(true);
  });

  it.each([0, WOULD_BLOCK, 1.5, NaN, 2 ** 40])("knows no request %s", (request) => {
    const { requester } = requesting();
    requester.request(TOPIC, "");
    expect(requester.cancel(request)).toBe(false);
  });
});

describe("close", () => {
  it("ends the subscription and all requests, without a word", () => {
    const { broker, requester, events, respond } = requesting();
    requester.request(TOPIC, "");
    const correlation = takeRequest(broker);
    requester.close();
    const { identifier } = broker.expect("UNSUBSCRIBE", { topicFilters: [RESPONSE_TOPIC] });
    respond(correlation, "late");
    broker.send(unsuback(identifier, 0));
    broker.advance(10_000);
    expect(events).toEqual([]);
    expect(requester.request(TOPIC, "")).toBe(WOULD_BLOCK);
    expect(requester.cancel(1)).toBe(false);
    broker.expectNothing();
  });

  it("gives its timer back", () => {
    const released: string[] = [];
    const setup = createClient();
    const clock = {
      now: () => 0,
      createTimer: () => ({ schedule: () => undefined, cancel: () => released.push("cancel"), release: () => released.push("release") }),
    };
    const requester = new Requester({ client: setup.client, clock, responseTopic: "r", onResponse: () => undefined });
    expect(requester.close()).toBeGreaterThan(0);
    expect(released).toEqual(["cancel", "release"]);
  });

  it("of the client leaves requests to their time, and the requester fit for the next connection", () => {
    const { broker, client, requester, events, respond } = requesting();
    const request = requester.request(TOPIC, "");
    takeRequest(broker);
    client.close();
    broker.expect("DISCONNECT");
    broker.advance(5_000);
    expect(events).toEqual(["disconnected ", `timeout ${request}`]);
    client.connect();
    acceptSubscribed(broker, RESPONSE_TOPIC);
    const next = requester.request(TOPIC, "");
    respond(takeRequest(broker), "y");
    expect(events.at(-1)).toBe(`response ${next}: y`);
  });
});
