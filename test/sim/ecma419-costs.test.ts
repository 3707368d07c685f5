import { describe, expect, it, vi } from "vitest";
import { program } from "./support/program.js";
import { sending } from "./support/sender.js";
import { runSession, type SessionOptions } from "./support/session.js";

vi.setConfig({ testTimeout: 60_000 });

const OPERATIONS = 1_000;

/** Slots and bytes of chunks for each of a thousand operations. */
async function costs(name: string, options: SessionOptions): Promise<number[]> {
  const report = await runSession(program(name), options);
  expect(report).toMatchObject({ reason: "finished", errors: "" });
  const [slots, chunkBytes] = report.reports.get("steady") ?? [];
  return [slots / OPERATIONS, chunkBytes / OPERATIONS];
}

// A dictionary takes a slot for itself and one for each of its properties.
describe("ECMA-419's class allocates what its contract forces", () => {
  it("nothing to write the next message to the same topic", async () => {
    expect(await costs("ecma419-publish", { arguments: ["0"] })).toEqual([0, 0]);
  });

  it.each([
    [1, "one dictionary", 3],
    [2, "two dictionaries", 6],
  ])("with QoS %i for the control messages: %s", async (qos, _what, slots) => {
    expect(await costs("ecma419-publish", { arguments: [String(qos)] })).toEqual([slots, 0]);
  });

  it("for a message that comes in, to the same topic as the one before, a dictionary of five", async () => {
    const messages = sending({ topic: "greenhouse/1/temperature/in", payload: "a".repeat(32), qos: 0, count: 1_100 });
    expect(await costs("ecma419-read", messages)).toEqual([6, 0]);
  });
});
