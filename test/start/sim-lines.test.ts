import { describe, expect, it } from "vitest";
import { readReport, readTrace } from "../../hosts/start/sim-lines.js";

describe("what the firmware on the simulator reports", () => {
  it.each([
    ["connected", [1], { type: "connected", sessionPresent: true }],
    ["reading", [7, 21.5, 48, 4.1], { type: "reading", sequence: 7, temperature: 21.5, humidity: 48, battery: 4.1 }],
    ["published", [7], { type: "published", sequence: 7 }],
    [
      "delivered",
      [7, 2, 900, 5000, 300, 4000, 1],
      {
        type: "delivered",
        sequence: 7,
        roundTrip: 2,
        counters: { slots: 900, chunkBytes: 5000, slotsInUse: 300, chunkBytesInUse: 4000, collections: 1 },
      },
    ],
    ["refused", [7, 135], { type: "refused", sequence: 7, reasonCode: 135 }],
    ["interval", [50], { type: "interval", milliseconds: 50 }],
    ["finished", [], { type: "finished" }],
    ["something else", [1], undefined],
  ] as const)("%s", (name, numbers, event) => {
    expect(readReport(name, numbers)).toEqual(event);
  });

  it("in words, where a connection failed", () => {
    expect(readTrace("disconnected ERR_SOCKET 0 cannot connect to host:1883")).toEqual({
      type: "disconnected",
      code: "ERR_SOCKET",
      reasonCode: 0,
      message: "cannot connect to host:1883",
    });
    expect(readTrace("hello")).toBeUndefined();
  });
});
