import { beforeEach, describe, expect, it } from "vitest";
import type { QoS } from "mqtt-xs";
import { Arrivals } from "./arrivals.js";
import { Plan } from "./plan.js";

const MESSAGES = 1_000;
const plan = new Plan(7);
const all = Array.from({ length: MESSAGES }, (_, index) => index + 1);
const some = (qos: QoS): number => all.find((number) => number > 100 && plan.qos(number) === qos) ?? 0;

let arrivals: Arrivals;

beforeEach(() => {
  arrivals = new Arrivals(plan, MESSAGES);
});

function addAll(except = 0): void {
  for (const number of all) if (number !== except) arrivals.add(number);
}

describe("The counting of arrivals", () => {
  it("finds nothing wrong where each message has arrived once", () => {
    addAll();
    const { arrived, lost, duplicated, damaged, repetitions } = arrivals.outcome();
    expect(arrived).toEqual([0, 1, 2].map((qos) => all.filter((number) => plan.qos(number) === qos).length));
    expect([lost.count, duplicated.count, damaged.count, repetitions]).toEqual([0, 0, 0, 0]);
    expect(arrivals.isComplete).toBe(true);
  });

  it.each([1, 2] as const)("finds a lost message of QoS %d, by its number", (qos) => {
    addAll(some(qos));
    expect(arrivals.outcome().lost).toMatchObject({ count: 1, first: [some(qos)] });
    expect(arrivals.isComplete).toBe(false);
  });

  it("does not miss a message of QoS 0", () => {
    addAll(some(0));
    expect(arrivals.outcome().lost.count).toBe(0);
    expect(arrivals.isComplete).toBe(true);
  });

  it.each([0, 2] as const)("finds a duplicated message of QoS %d, by its number", (qos) => {
    addAll();
    arrivals.add(some(qos));
    expect(arrivals.outcome()).toMatchObject({ duplicated: { count: 1, first: [some(qos)] }, repetitions: 0 });
  });

  it("counts how often a message of QoS 1 was there again", () => {
    addAll();
    arrivals.add(some(1));
    arrivals.add(some(1));
    expect(arrivals.outcome()).toMatchObject({ duplicated: { count: 0 }, repetitions: 2 });
  });

  it.each([0, MESSAGES + 1])("finds a message %d that was never published", (number) => {
    arrivals.add(number);
    expect(arrivals.outcome().damaged).toMatchObject({ count: 1, first: [number] });
  });

  it("does not begin anew after 255 times", () => {
    for (let time = 0; time < 300; time++) arrivals.add(some(2));
    expect(arrivals.distinct).toBe(1);
    expect(arrivals.outcome().duplicated.count).toBe(1);
  });

  it("knows the newest of each quality of service, and of all", () => {
    const newest = all.slice(0, 500).findLast((number) => plan.qos(number) === 2) ?? 0;
    for (const number of all.slice(0, 500)) arrivals.add(number);
    arrivals.add(1);
    expect([arrivals.newest(2), arrivals.newest()]).toEqual([newest, 500]);
  });
});
