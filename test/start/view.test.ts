import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../hosts/start/events.js";
import { inColour, plainly } from "../../hosts/start/paint.js";
import { describeEvent } from "../../hosts/start/plain.js";
import { advance, initialProgress, type Progress, type Setting } from "../../hosts/start/progress.js";
import { render } from "../../hosts/start/view.js";

const SETTING: Setting = {
  protocol: "3.1.1",
  host: "sim",
  broker: "its own broker on port 41233",
  count: 30,
  interval: 200,
  heapBytes: 65_536,
};

const BROKEN: RunEvent = {
  type: "disconnected",
  code: "ERR_CONNECTION_CLOSED",
  reasonCode: 0,
  message: "the server closed the connection",
};

/** A run of `count` messages so far. */
function running(count: number, setting: Partial<Setting> = {}): Progress {
  let progress = advance(initialProgress({ ...SETTING, ...setting }), { type: "connected", sessionPresent: false });
  for (let sequence = 1; sequence <= count; sequence++) progress = events(sequence).reduce(advance, progress);
  return progress;
}

function events(sequence: number): RunEvent[] {
  const counters = { slots: 9000, chunkBytes: 20_000, slotsInUse: 1203, chunkBytesInUse: 9812, collections: 0 };
  return [
    { type: "reading", sequence, temperature: 20 + sequence / 10, humidity: 50 - sequence / 10, battery: 4 },
    { type: "published", sequence },
    { type: "received", sequence },
    { type: "delivered", sequence, roundTrip: sequence % 2, counters },
  ];
}

describe("the view", () => {
  it("shows a run at a glance", () => {
    expect(render(running(15), plainly)).toEqual([
      "mqtt-xs telemetry  XS simulator, 64 kB heap, to its own broker on port 41233",
      "",
      "  temperature    21.50 °C       ▁▁▂▂▃▃▄▅▅▆▆▇▇██",
      "  humidity       48.5 %         ██▇▇▆▆▅▅▄▃▃▂▂▁▁",
      "  battery        4.000 V        ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁",
      "",
      "  published      15             ━━━━━━━━━━━━━━                of 30",
      "  acknowledged   15             ━━━━━━━━━━━━━━",
      "  received       15             ━━━━━━━━━━━━━━                by MQTT.js",
      "  round trip     1 ms           ▂▁▂▁▂▁▂▁▂▁▂▁▂▁▂  longest 1 ms",
      "",
      "  heap           1,203 slots    ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁",
      "                 9,812 bytes    ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁",
      "  per message    0 slots        0 bytes",
      "  collections    0",
      "",
      "connected, Ctrl-C ends it",
    ]);
  });

  it("has its lines from the start", () => {
    const lines = render(initialProgress(SETTING), plainly);
    expect(lines.length).toBe(render(running(15), plainly).length);
    expect(lines.at(-1)).toBe("connecting");
  });

  it.each([0, 1, 30, 12_345])("keeps to 80 columns with %d messages", (count) => {
    for (const line of render(running(Math.min(count, 100), { count }), plainly))
      expect(line.length).toBeLessThanOrEqual(80);
  });

  it("has no bars where there is no end", () => {
    expect(render(running(15, { count: Infinity }), plainly)).toContain("  published      15");
  });

  it("says what it cannot count", () => {
    expect(render(running(15, { host: "node", heapBytes: null }), plainly)).toContain("  heap           not counted on Node.js");
  });

  it("says what the broker refused", () => {
    const refused = advance(running(15), { type: "refused", sequence: 16, reasonCode: 0x97 });
    expect(render(refused, plainly).at(-1)).toBe("the broker refused reading 16: quota exceeded (reason code 0x97)");
  });

  it("says why there is no connection", () => {
    const line = "the server closed the connection; trying again";
    expect(render(advance(running(15), BROKEN), plainly).at(-1)).toBe(line);
    expect(render(advance(running(15), BROKEN), inColour).at(-1)).toBe(inColour("bad", line));
  });

  it("has escape codes only in colour", () => {
    const escape = /\x1b/; // eslint-disable-line no-control-regex -- escape codes are what this is about
    expect(render(running(15), plainly).join("")).not.toMatch(escape);
    expect(render(running(15), inColour).join("")).toMatch(escape);
  });
});

describe("plain lines", () => {
  const described = (event: RunEvent, setting: Partial<Setting> = {}): string | undefined =>
    describeEvent(running(15, setting), event);

  it.each([
    ["connected: XS simulator, 64 kB heap, to mqtt://host", { type: "connected", sessionPresent: true }],
    ["disconnected: the server closed the connection; trying again", BROKEN],
    ["received a reading of 3 bytes instead of 128", { type: "corrupted", reason: "a reading of 3 bytes instead of 128" }],
    ["the broker refused reading 3: not authorized (reason code 0x87)", { type: "refused", sequence: 3, reasonCode: 0x87 }],
    ["the broker refused reading 3: reason code 0x8f", { type: "refused", sequence: 3, reasonCode: 0x8f }],
    ["interval changed to 500 ms", { type: "interval", milliseconds: 500 }],
    ["finished", { type: "finished" }],
  ] as const)("%s", (line, event) => {
    expect(described(event, { broker: "mqtt://host" })).toBe(line);
  });

  it("tell of every acknowledgement", () => {
    const event: RunEvent = { type: "delivered", sequence: 7, roundTrip: 0.4, counters: undefined };
    expect(described(event)).toBe("reading 7/30 acknowledged after <1 ms, heap 1,203 slots and 9,812 bytes");
    expect(described(event, { count: Infinity })).toBe("reading 7 acknowledged after <1 ms, heap 1,203 slots and 9,812 bytes");
  });

  it("leave out what others tell enough about", () => {
    expect(described({ type: "published", sequence: 1 })).toBeUndefined();
    expect(described({ type: "received", sequence: 1 })).toBeUndefined();
  });
});
