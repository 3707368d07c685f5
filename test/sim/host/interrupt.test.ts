import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, it } from "vitest";
import { soon } from "../../support/waiting.js";
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

const IDLE = `import Timer from "timer"; Timer.repeat(() => {}, 60_000); trace("ready");`;

/** A process that runs an idle program on the simulator, and prints its process identifier. */
const RUNNER = `
  import { writeFileSync } from "node:fs";
  import { tmpdir } from "node:os";
  import { join } from "node:path";
  import { execFileSync } from "node:child_process";
  import { run } from "./hosts/sim/runner.ts";
  const main = join(tmpdir(), "main.ts");
  writeFileSync(main, ${JSON.stringify(IDLE)});
  const host = () => execFileSync("pgrep", ["-P", String(process.pid), "xs-host"], { encoding: "utf8" });
  process.stdin.once("data", () => process.exit());
  void run(main, { onTrace: () => console.log(host().trim()) });
`;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

it.each([
  ["exits", (runner: ReturnType<typeof spawnRunner>) => void runner.stdin.write("!\n")],
  ["is killed", (runner: ReturnType<typeof spawnRunner>) => void runner.kill("SIGKILL")],
])("ends with a runner that %s", async (_how, end) => {
  const folder = await mkdtemp(join(tmpdir(), "mqtt-xs-test-"));
  const runner = spawnRunner(folder);
  const [line] = (await once(createInterface({ input: runner.stdout }), "line")) as [string];
  const host = Number(line);
  expect(isAlive(host)).toBe(true);
  end(runner);
  // Some containers take seconds to bury an orphan.
  await soon(() => expect(isAlive(host)).toBe(false));
  await rm(folder, { recursive: true });
});

/** @param folder for its temporary files. */
function spawnRunner(folder: string) {
  const args = ["--import", "tsx", "--input-type=module", "--eval", RUNNER];
  return spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"], env: { ...process.env, TMPDIR: folder } });
}
