import { expect, it, vi } from "vitest";
import { publish } from "../support/packets.js";
import { PUBLISH } from "./support/peer.js";
import { program } from "./support/program.js";
import { runSession } from "./support/session.js";

vi.setConfig({ testTimeout: 60_000 });

it("delivers 100,000 messages in 32 kB without a garbage collection", async () => {
  const report = await runSession(program("hundred-thousand"), { heap: 32_768 });
  expect(report).toMatchObject({ reason: "finished", errors: "" });
  expect(report.reports.get("delivered")).toEqual([100_000, 0]);
  expect(report.received[PUBLISH]).toBe(100_000);
});

it("ends with a clear report when memory is full", async () => {
  const message = publish({ topic: "a", payload: new Uint8Array(256) });
  const report = await runSession(program("exhaustion"), {
    heap: 32_768,
    onReport: (peer) => peer.send(message),
  });
  expect(report.reason).toBe("memory full");
  expect(report.errors).toMatch(/^xs-host: memory full: arena \d+ bytes/);
  expect(report.reports.get("kept")?.[0]).toBeGreaterThan(10);
});
