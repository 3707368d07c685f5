import { describe, expect, it } from "vitest";
import { Arrivals } from "./arrivals.js";
import { contentByte } from "./content.js";
import { DeviceLog } from "./device-log.js";
import { Plan } from "./plan.js";
import { plotHeap } from "./report.js";
import type { SoakResult } from "./soak.js";
import { faultsOf } from "./verdict.js";
import { type Received, record } from "./witness.js";

const MESSAGES = 3_000;
const plan = new Plan(1);
const settings = { messages: MESSAGES, restarts: 1, broker: "mosquitto", protocolVersion: 4, seed: 1, heap: 65_536 } as const;
const report = { reason: "interrupted", errors: "", peakBytes: 0 } as const;

function allArrived(): Arrivals {
  const arrivals = new Arrivals(plan, MESSAGES);
  for (let number = 1; number <= MESSAGES; number++) arrivals.add(number);
  return arrivals;
}

/** What a device tells when all is well. */
function quietLog(): DeviceLog {
  const log = new DeviceLog(new Arrivals(plan, MESSAGES));
  log.take("ready", [0]);
  for (const messages of [0, 1_000, 2_000, 3_000]) log.take("heap", [messages, 1_000, 9_000]);
  log.take("connection", [0, 0, 0]);
  return log;
}

/** A soak in which all went well, but for what is given. */
function result(different: Partial<SoakResult> = {}): SoakResult {
  const outcome = allArrived().outcome();
  const usual = { settings, report, witness: outcome, echo: outcome, device: quietLog() };
  return { ...usual, isStalled: false, witnessSessionsLost: 0, restartsAt: [1_000], milliseconds: 1_000, ...different };
}

function withLog(name: string, ...numbers: number[]): SoakResult {
  const device = quietLog();
  device.take(name, numbers);
  return result({ device });
}

describe("The verdict", () => {
  it("finds no fault where all went well", () => {
    expect(faultsOf(result())).toEqual([]);
  });

  it("names the messages that were lost or duplicated, and where", () => {
    const second = new Arrivals(plan, MESSAGES);
    for (let number = 1; number <= MESSAGES; number++) if (plan.qos(number) !== 1 || number > 20) second.add(number);
    const lost = Array.from({ length: 20 }, (_, index) => index + 1).filter((number) => plan.qos(number) === 1);
    const twice = Array.from({ length: 20 }, (_, index) => index + 1).find((number) => plan.qos(number) === 2) ?? 0;
    second.add(twice);
    expect(faultsOf(result({ echo: second.outcome() }))).toEqual([
      `${lost.length} messages lost back at the device, with QoS 1 or 2: ${lost.join(", ")}`,
      `1 message duplicated back at the device, with QoS 0 or 2: ${twice}`,
    ]);
  });

  it.each<[string, SoakResult, RegExp]>([
    ["a collection between reconnects", withLog("connection", 1, 0, 0), /garbage was collected between reconnects: 1 time/],
    ["a slot allocated between reconnects", withLog("connection", 0, 1, 0), /allocated between reconnects: 1 slot, 0 bytes/],
    ["a chunk allocated between reconnects", withLog("connection", 0, 0, 16), /allocated between reconnects: 0 slots, 16 bytes/],
    ["one more slot in use in the end", withLog("heap", 3_000, 1_001, 9_000), /the heap is fuller in the end/],
    ["more bytes in use in the end", withLog("heap", 3_000, 1_000, 9_016), /the heap is fuller in the end/],
    ["a session that the broker has lost", withLog("ready", 0), /the broker lost the device's session: 1 time/],
    ["the witness' session lost", result({ witnessSessionsLost: 2 }), /the broker lost the witness' session: 2 times/],
    ["a device that ended by itself", result({ report: { ...report, reason: "memory full" } }), /ended by itself: memory full/],
    ["messages that do not come", result({ isStalled: true }), /nothing arrived any more/],
  ])("tells of %s", (_what, it, fault) => {
    expect(faultsOf(it)).toEqual([expect.stringMatching(fault)]);
  });
});

describe("The witness", () => {
  const number = Array.from({ length: 99 }, (_, index) => index + 1).find((it) => plan.qos(it) === 2 && plan.size(it) > 64) ?? 0;
  const right = Buffer.from(Array.from({ length: plan.size(number) }, (_, position) => contentByte(number, position)));
  const withOtherLastByte = (payload: Buffer): Buffer => Buffer.concat([payload.subarray(0, -1), Buffer.of(number ^ 1)]);

  it.each<[string, (payload: Buffer) => Received, number]>([
    ["takes a message as it was published", (payload) => ({ topic: "soak/number", payload, qos: 2 }), 1],
    ["finds a byte that is wrong", (payload) => ({ topic: "soak/number", payload: withOtherLastByte(payload), qos: 2 }), 0],
    ["finds a byte too few", (payload) => ({ topic: "soak/number", payload: payload.subarray(0, -1), qos: 2 }), 0],
    ["finds another quality of service", (payload) => ({ topic: "soak/number", payload, qos: 1 }), 0],
  ])("%s", (_what, received, distinct) => {
    const arrivals = new Arrivals(plan, MESSAGES);
    record(received(right), plan, arrivals);
    expect(arrivals.distinct).toBe(distinct);
    expect(arrivals.outcome().damaged.count).toBe(1 - distinct);
  });

  it("takes an empty message for the one that its topic tells", () => {
    const arrivals = new Arrivals(plan, MESSAGES);
    record({ topic: "soak/empty/2", payload: Buffer.alloc(0), qos: plan.qos(512) }, plan, arrivals);
    expect(arrivals.newest()).toBe(512);
  });
});

describe("The plot", () => {
  it("has slots and chunks over the messages, and the restarts", () => {
    const svg = plotHeap(result());
    expect(svg.match(/<polyline/g)).toHaveLength(2);
    expect(svg.match(/class="mark"/g)).toHaveLength(2); // one in the legend
  });
});
