import { expect, it, vi } from "vitest";
import { allocations, NOTHING } from "./support/allocations.js";
import { PUBLISH } from "./support/peer.js";

vi.setConfig({ testTimeout: 60_000 });

it.each(["memory", "store"])("a queue in %s allocates nothing, with messages going in and out", async (where) => {
  const report = await allocations("queue", { arguments: [where], ...(where === "store" && { storage: { sectors: 4 } }) });
  expect(report.steady).toEqual(NOTHING);
  expect(report.trace).toEqual([]);
  expect(report.received[PUBLISH]).toBeGreaterThanOrEqual(1_100);
});
