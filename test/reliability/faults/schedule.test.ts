import { describe, expect, it } from "vitest";
import { NO_FAULTS } from "../../support/faulty-transport/connection-faults.js";
import { type Schedule, scheduleOf } from "./schedule.js";

const SEEDS = Array.from({ length: 500 }, (_, seed) => seed);

/** All of a schedule that can be compared. */
function contentsOf(schedule: Schedule): unknown {
  const faults = Array.from({ length: 12 }, (_, connection) => schedule.faultsOf(connection));
  const pieces = faults.map(({ nextPiece }) => Array.from({ length: 10 }, nextPiece));
  return JSON.stringify([schedule, faults, pieces]);
}

describe("A schedule", () => {
  it("is the same whenever its seed is played, and another for another seed", () => {
    expect(contentsOf(scheduleOf(7, "mosquitto"))).toBe(contentsOf(scheduleOf(7, "mosquitto")));
    expect(contentsOf(scheduleOf(7, "mosquitto"))).not.toBe(contentsOf(scheduleOf(8, "mosquitto")));
  });

  it("has both versions and both kinds of session; Aedes gets no MQTT 5.0", () => {
    const kindOf = ({ version, clean }: Schedule): string => `${version} ${clean ? "clean" : "kept"}`;
    const kinds = (broker: "mosquitto" | "aedes"): string[] =>
      [...new Set(SEEDS.map((seed) => kindOf(scheduleOf(seed, broker))))].sort();
    expect(kinds("mosquitto")).toEqual(["3.1.1 clean", "3.1.1 kept", "5.0 kept"]);
    expect(kinds("aedes")).toEqual(["3.1.1 clean", "3.1.1 kept"]);
  });

  it("has messages of every QoS, empty ones and such that do not fit a packet", () => {
    const schedules = SEEDS.map((seed) => scheduleOf(seed, "mosquitto"));
    const steps = schedules.flatMap(({ up, down }) => [...up, ...down]);
    expect(new Set(steps.map(({ qos }) => qos))).toEqual(new Set([0, 1, 2]));
    expect(steps.some(({ size }) => size === 0)).toBe(true);
    expect(schedules.some(({ packetSize, up }) => up.some(({ size, fromSource }) => fromSource && size > packetSize))).toBe(true);
  });

  it("has faults at first, and none in the end", () => {
    for (const { faultsOf } of SEEDS.map((seed) => scheduleOf(seed, "aedes"))) {
      expect(faultsOf(0)).not.toBe(NO_FAULTS);
      expect(faultsOf(10)).toBe(NO_FAULTS);
    }
  });
});
