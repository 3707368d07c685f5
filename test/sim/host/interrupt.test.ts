import { expect, it } from "vitest";
import { runSource, useHost } from "./program.js";

useHost();

it("lets the program say goodbye when it is interrupted", async () => {
  const controller = new AbortController();
  const { reason, status, trace } = await runSource(
    `import sim from "sim"; import Timer from "timer";
    const timer = Timer.repeat(() => {}, 1000);
    sim.onInterrupt(() => { trace("goodbye"); Timer.clear(timer); });
    trace("ready");`,
    { signal: controller.signal, onTrace: (line) => line === "ready" && controller.abort() },
  );
  expect({ reason, status, trace }).toEqual({ reason: "interrupted", status: 0, trace: ["ready", "goodbye"] });
});

it("ends a program at once that has nothing to say", async () => {
  const controller = new AbortController();
  const { reason, status } = await runSource(`import Timer from "timer"; Timer.repeat(() => {}, 1000); trace("ready");`, {
    signal: controller.signal,
    onTrace: () => controller.abort(),
  });
  expect({ reason, status }).toEqual({ reason: "interrupted", status: 130 });
});
