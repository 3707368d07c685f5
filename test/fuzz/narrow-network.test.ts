import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { QoS } from "../support/packets.js";
import { serverPacket } from "./generators.js";
import { playNarrow, type Turn } from "./narrow-network.js";
import { FUZZ_TIMEOUT, runs } from "./runs.js";

const size = fc.oneof(fc.nat(20), fc.integer({ min: 50, max: 62 }), fc.integer({ min: 100, max: 200 }));
const turn: fc.Arbitrary<Turn> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ does: fc.constant("deliver" as const), packet: serverPacket }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("publish" as const), qos: fc.constantFrom<QoS>(0, 0, 1, 2), size }) },
);
const room = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.nat(40) }, { weight: 1, arbitrary: fc.nat(300) });

describe("A network that takes bytes only now and then", { timeout: FUZZ_TIMEOUT }, () => {
  it("changes nothing of what the application is told and what is finally sent, nor its order in each kind", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(turn, room), { maxLength: 30, size: "max" }), (steps) => {
        const turns = steps.map(([each]) => each);
        const wide = playNarrow(turns, undefined).observed;
        // What is said after an error is cut short wherever the network stood then.
        fc.pre(!wide.closed);
        expect(playNarrow(turns, steps.map(([, bytes]) => bytes)).observed).toEqual(wide);
      }),
      runs(3000),
    );
  });

  it("is felt by the application, so that the above means something", () => {
    const turns: Turn[] = Array.from({ length: 10 }, () => ({ does: "publish", qos: 0, size: 20 }));
    expect(playNarrow(turns, Array.from({ length: 10 }, () => 5)).refusals).toBeGreaterThan(0);
  });
});
