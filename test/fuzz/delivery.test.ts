import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { command } from "./commands.js";
import { numberOf } from "./numbered-payload.js";
import { ascending, count, firsts } from "./numbers.js";
import { FUZZ_TIMEOUT, runs } from "./runs.js";
import { World } from "./world.js";

function expectArrivedAtServer({ published, broker }: World): void {
  const arrived = broker.arrivals.map(({ payload }) => numberOf(payload));
  for (const { number, qos, payload, lossesBefore, lossesAtDelivery } of published) {
    const times = count(arrived, number);
    const message = `QoS ${qos} message ${number}, which arrived ${times} times`;
    for (const arrival of broker.arrivals)
      if (numberOf(arrival.payload) === number) expect([arrival.qos, [...arrival.payload]], message).toEqual([qos, [...payload]]);
    if (qos === 0) {
      expect(times, message).toBeLessThanOrEqual(1);
      continue;
    }
    expect(lossesAtDelivery, `${message}, was reported as delivered`).toBeDefined();
    expect(times, message).toBeGreaterThanOrEqual(1);
    // A server that has lost the session cannot know what it has taken over already.
    if (qos === 2) expect(times, message).toBeLessThanOrEqual(1 + ((lossesAtDelivery ?? 0) - lossesBefore));
  }
}

function expectArrivedAtClient({ sentByServer, received, broker }: World): void {
  const arrived = received.map(({ number }) => number);
  for (const { number, qos } of sentByServer) {
    const times = count(arrived, number);
    const message = `QoS ${qos} message ${number} from the server, which arrived ${times} times`;
    if (qos > 0 && !broker.lost.has(number)) expect(times, message).toBeGreaterThanOrEqual(1);
    if (qos !== 1) expect(times, message).toBeLessThanOrEqual(1);
  }
}

function expectOrder({ broker, received }: World): void {
  const acknowledged = broker.arrivals.filter(({ qos }) => qos > 0).map(({ payload }) => numberOf(payload));
  expect(firsts(acknowledged)).toEqual(ascending(firsts(acknowledged)));
  const others = broker.arrivals.filter(({ qos }) => qos === 0).map(({ payload }) => numberOf(payload));
  expect(others).toEqual(ascending(others));
  const numbers = firsts(received.filter(({ qos }) => qos > 0).map(({ number }) => number));
  expect(numbers).toEqual(ascending(numbers));
}

describe("Delivery over a network that fails at any byte", { timeout: FUZZ_TIMEOUT }, () => {
  it.each([
    { title: "a session that the server keeps, or loses now and then", clean: false, usual: 3000 },
    { title: "a clean session for every connection", clean: true, usual: 1500 },
  ])("QoS 1 arrives, QoS 2 arrives once, in order, both ways: $title", ({ clean, usual }) => {
    fc.assert(
      fc.property(fc.array(command, { minLength: 5, maxLength: 80, size: "max" }), (commands) => {
        const world = new World(clean);
        world.do({ does: "connect" });
        for (const each of commands) world.do(each);
        world.settle();
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
});
