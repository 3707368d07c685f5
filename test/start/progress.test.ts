import { describe, expect, it } from "vitest";
import type { Counters, RunEvent } from "../../hosts/start/events.js";
import { advance, initialProgress, isComplete, type Progress, type Setting } from "../../hosts/start/progress.js";
import { describeReport, makeReport } from "../../hosts/start/report.js";

const SETTING: Setting = {
  protocol: "3.1.1",
  host: "sim",
  broker: "mqtt://host:1883",
  count: 30,
  interval: 200,
  heapBytes: 65_536,
};
const CONNECTED: RunEvent = { type: "connected", sessionPresent: false };
const IDLE: Counters = { slots: 1000, chunkBytes: 5000, slotsInUse: 300, chunkBytesInUse: 4000, collections: 0 };

const after = (events: readonly RunEvent[], setting: Partial<Setting> = {}): Progress =>
  events.reduce(advance, initialProgress({ ...SETTING, ...setting }));

const message = (sequence: number, counters: Counters | undefined): RunEvent[] => [
  { type: "published", sequence },
  { type: "received", sequence },
  { type: "delivered", sequence, roundTrip: 1, counters },
];

const messages = (count: number, counters: (index: number) => Counters | undefined = () => IDLE): RunEvent[] =>
  Array.from({ length: count }, (_, index) => message(index + 1, counters(index))).flat();

describe("a run", () => {
  it("is complete when all that was published is acknowledged and received", () => {
    expect(isComplete(after([CONNECTED, ...messages(3)]))).toBe(true);
    expect(isComplete(after([CONNECTED]))).toBe(false);
    expect(isComplete(after([...messages(3), { type: "published", sequence: 4 }]))).toBe(false);
    expect(isComplete(after([...messages(3), { type: "corrupted", reason: "" }]))).toBe(false);
  });

  it("forgets an old problem when it is connected again", () => {
    const broken = after([CONNECTED, { type: "disconnected", code: "ERR_SOCKET", reasonCode: 0, message: "broken" }]);
    expect(broken).toMatchObject({ connection: "disconnected", problem: "broken" });
    expect(advance(broken, CONNECTED)).toMatchObject({ connection: "connected", problem: undefined });
  });

  it("keeps no more history than it shows", () => {
    const progress = after(messages(1000));
    expect(progress.roundTrips.length).toBe(60);
    expect(progress.slotsInUse.length).toBe(60);
  });
});

describe("collections", () => {
  it("are those after the fifth message", () => {
    const collecting = (index: number): Counters => ({ ...IDLE, collections: Math.floor(index / 10) + 7 });
    expect(makeReport(after([CONNECTED, ...messages(30, collecting)])).collections).toBe(2);
  });
});

describe("allocations per message", () => {
  const leaking = (index: number): Counters => ({ ...IDLE, slots: 1000 + index * 2, chunkBytes: 5000 + index * 3 });

  it("are those between the fifth message and the last", () => {
    const warming = (index: number): Counters => ({ ...IDLE, slots: 1000 + Math.min(index, 4) * 50 });
    expect(makeReport(after([CONNECTED, ...messages(30, warming)]))).toMatchObject({ slotsPerMessage: 0, chunkBytesPerMessage: 0 });
    expect(makeReport(after([CONNECTED, ...messages(30, leaking)]))).toMatchObject({ slotsPerMessage: 2, chunkBytesPerMessage: 3 });
  });

  it("do not count what a reconnect takes, and warm up again after it", () => {
    const later = (index: number): Counters => ({ ...IDLE, slots: 9000 + Math.min(index, 4) * 50 });
    const progress = after([CONNECTED, ...messages(10), CONNECTED, ...messages(10, later)]);
    expect(makeReport(progress).slotsPerMessage).toBe(0);
    expect(progress.steady.messages).toBe(10);
  });

  it("are unknown in a short run, and on Node.js", () => {
    expect(makeReport(after([CONNECTED, ...messages(5)])).slotsPerMessage).toBeNull();
    const node = after([CONNECTED, ...messages(9, () => undefined)], { host: "node", heapBytes: null });
    expect(makeReport(node)).toMatchObject({ slotsPerMessage: null, collections: null, heapBytes: null });
  });
});

describe("the report", () => {
  it("has every number that --json promises", () => {
    expect(makeReport(after([CONNECTED, ...messages(30)]))).toEqual({
      published: 30,
      acknowledged: 30,
      received: 30,
      lost: 0,
      slotsPerMessage: 0,
      chunkBytesPerMessage: 0,
      collections: 0,
      heapBytes: 65_536,
      host: "sim",
      protocol: "3.1.1",
    });
  });

  it("says in words that all arrived", () => {
    expect(describeReport(after([CONNECTED, ...messages(30)]))).toEqual([
      "all arrived: 30 published, 30 acknowledged, 30 received, 0 lost",
      "round trip at most 1 ms, MQTT 3.1.1",
      "per message 0 slots and 0 bytes allocated, 0 collections, in a heap of 64 kB",
    ]);
  });

  it("says in words what is missing", () => {
    const progress = after([
      CONNECTED,
      ...messages(2),
      { type: "published", sequence: 3 },
      { type: "repeated", sequence: 2 },
      { type: "corrupted", reason: "" },
    ]);
    expect(describeReport(progress)).toEqual([
      "not all arrived: 3 published, 2 acknowledged, 2 received, 1 lost",
      "1 message came more than once, as QoS 1 allows after a reconnect",
      "1 message did not arrive intact",
      "round trip at most 1 ms, MQTT 3.1.1",
      "allocations: not counted in the first 5 messages",
    ]);
  });

  it("says which version of MQTT it was, and what 5.0 says of readings", () => {
    const progress = after([CONNECTED, ...messages(1), { type: "received", sequence: 2, properties: "text/plain" }], { protocol: "5.0" });
    expect(makeReport(progress).protocol).toBe("5.0");
    expect(describeReport(progress).slice(1, 3)).toEqual(["round trip at most 1 ms, MQTT 5.0", "received as text/plain"]);
  });

  it("says what the broker refused, and that the run is not complete then", () => {
    const refused: RunEvent[] = [
      { type: "published", sequence: 3 },
      { type: "refused", sequence: 3, reasonCode: 0x97 },
    ];
    const progress = after([CONNECTED, ...messages(2), ...refused], { protocol: "5.0" });
    expect(isComplete(progress)).toBe(false);
    expect(describeReport(progress).slice(0, 2)).toEqual([
      "not all arrived: 3 published, 2 acknowledged, 2 received, 1 lost",
      "1 message refused by the broker: quota exceeded (reason code 0x97)",
    ]);
  });

  it("says when there is nothing to say", () => {
    expect(describeReport(after([CONNECTED]))).toEqual(["nothing was published"]);
  });
});
