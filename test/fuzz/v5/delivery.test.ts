import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ascending, count, firsts } from "../numbers.js";
import { FUZZ_TIMEOUT, runs } from "../runs.js";
import { command, type Command } from "./commands.js";
import { World5, type Published, type Received, type SessionOptions } from "./world.js";

const FOR_EVER = 0xffffffff;

function expectArrivedAtServer({ published, broker }: World5): void {
  const { arrivals } = broker.fromClient;
  const numbers = arrivals.map(({ number }) => number);
  for (const { number, qos, topic, payload, retain, properties } of arrivals) {
    const message = published.find((each) => each.number === number);
    const { topicAlias, ...others } = properties;
    expect({ qos, topic, payload, retain, properties: others, topicAlias }).toEqual({
      qos: message?.qos,
      topic: message?.topic,
      payload: message?.payload,
      retain: message?.retain,
      properties: message?.properties,
      topicAlias: undefined,
    });
  }
  for (const message of published) expectDelivered(message, count(numbers, message.number));
}

function expectDelivered({ number, qos, reasonCode, lossesBefore, lossesAtDelivery }: Published, times: number): void {
  const message = `QoS ${qos} message ${number}, which arrived ${times} times and was reported with ${reasonCode}`;
  if (qos === 0) {
    expect(times, message).toBeLessThanOrEqual(1);
    return;
  }
  expect(lossesAtDelivery, `${message}, if at all`).toBeDefined();
  if (reasonCode < 0x80) expect(times, message).toBeGreaterThanOrEqual(1);
  // A server that has lost the session cannot know what it has taken over already.
  if (qos === 2) expect(times, message).toBeLessThanOrEqual(1 + ((lossesAtDelivery ?? 0) - lossesBefore));
}

function expectArrivedAtClient({ sentByServer, received, broker }: World5): void {
  const { lost, refused } = broker.toClient;
  for (const { number, qos } of sentByServer) {
    const answers = received.filter((each) => each.number === number).map(({ reasonCode }) => reasonCode);
    const message = `QoS ${qos} message ${number} from the server, answered with ${answers.join()}`;
    if (qos === 0) expect(answers.length, message).toBeLessThanOrEqual(1);
    if (qos > 0 && !lost.has(number)) expect(answers.length, message).toBeGreaterThanOrEqual(1);
    // Once taken over, it does not come again; but as long as it is refused, it may.
    if (qos === 2) expect(answers.slice(0, -1), message).not.toContain(0);
    const refusal = refused.get(number);
    if (refusal !== undefined) expect(answers, message).toContain(refusal);
    else if (qos === 2 && !lost.has(number)) expect(answers.at(-1), message).toBe(0);
  }
}

function expectOrder({ broker, received }: World5): void {
  const { arrivals } = broker.fromClient;
  const acknowledged = firsts(arrivals.filter(({ qos }) => qos > 0).map(({ number }) => number));
  expect(acknowledged).toEqual(ascending(acknowledged));
  const others = arrivals.filter(({ qos }) => qos === 0).map(({ number }) => number);
  expect(others).toEqual(ascending(others));
  const numbers = firsts(received.filter(({ qos }: Received) => qos > 0).map(({ number }) => number));
  expect(numbers).toEqual(ascending(numbers));
}

const commandList = fc.array(command, { minLength: 5, maxLength: 80, size: "max" });

/** What has become of these commands once nothing goes wrong any more. */
function play(commands: readonly Command[], session: SessionOptions): World5 {
  const world = new World5(session);
  world.do({ does: "connect" });
  for (const each of commands) world.do(each);
  world.settle();
  return world;
}

describe("Delivery with 5.0 over a network that fails at any byte, to a broker whose limits change", { timeout: FUZZ_TIMEOUT }, () => {
  it.each([
    { title: "a session that the server keeps, or loses now and then", clean: false, sessionExpiryInterval: FOR_EVER, usual: 1200 },
    { title: "a session that runs out", clean: false, sessionExpiryInterval: 2, usual: 600 },
    { title: "a session that ends with its connection", clean: false, sessionExpiryInterval: 0, usual: 300 },
    { title: "Clean Start for every connection", clean: true, sessionExpiryInterval: 0, usual: 300 },
  ])("QoS 1 arrives, QoS 2 arrives once, in order, both ways, or is refused: $title", ({ clean, sessionExpiryInterval, usual }) => {
    fc.assert(
      fc.property(commandList, (commands) => {
        const world = play(commands, { clean, sessionExpiryInterval });
        expect(world.errors).toEqual([]);
        expectArrivedAtServer(world);
        expectArrivedAtClient(world);
        expectOrder(world);
        expect([...world.broker.subscriptions].sort()).toEqual([...world.wanted].sort());
        world.end();
      }),
      runs(usual),
    );
  });

  it("meets with every limit and every kind of refusal, so that the above means something", () => {
    const worlds = fc.sample(commandList, { numRuns: 200, seed: 1 }).map((commands) => play(commands, { clean: false, sessionExpiryInterval: FOR_EVER }));
    const sum = (number: (world: World5) => number): number => worlds.reduce((total, world) => total + number(world), 0);
    const reasons = new Set(worlds.flatMap(({ published }) => published.map(({ reasonCode }) => reasonCode)));
    expect([...reasons]).toEqual(expect.arrayContaining([0x00, 0x10, 0x80, 0x95, 0x9a, 0x9b]));
    expect(sum(({ throws }) => throws)).toBeGreaterThan(20);
    expect(sum(({ broker }) => broker.fromClient.aliasesUsed)).toBeGreaterThan(20);
    expect(sum(({ broker }) => broker.fromClient.mostUnderWay)).toBeGreaterThan(200);
    expect(sum(({ broker }) => broker.losses)).toBeGreaterThan(20);
    expect(sum(({ broker }) => broker.toClient.refused.size)).toBeGreaterThan(10);
    expect(sum(({ received }) => received.length)).toBeGreaterThan(200);
  });
});
