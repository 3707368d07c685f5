import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type Bundle, bundle, run } from "../../hosts/sim/runner.js";
import { acknowledge, type Answer, PINGREQ } from "./support/peer.js";
import { program } from "./support/program.js";
import { runSession, type SessionReport } from "./support/session.js";

vi.setConfig({ testTimeout: 60_000 });

let bundled: Bundle | undefined;
beforeAll(async () => {
  bundled = await bundle(program("clock"));
});
afterAll(() => bundled?.remove());

const WRAPS = [
  ["2^31", 2 ** 31],
  ["2^32", 2 ** 32],
] as const;

/** A server that answers the first PINGREQ only. */
function answeringOnce(): Answer {
  let pingreqs = 0;
  return (packet) => (packet[0] >> 4 === PINGREQ && ++pingreqs > 1 ? undefined : acknowledge(packet));
}

/** What the clock shows when the program begins and ends, in 32 bits without a sign. */
function shown({ reports }: SessionReport): { begin: number; end: number } {
  const of = (name: string): number => (reports.get(name)?.[0] ?? NaN) >>> 0;
  return { begin: of("begin"), end: of("end") };
}

// Keep Alive is 3 seconds: PINGREQ at 2.7 and at 5.4, given up at 7.2, tried again at 8.2.
const BEFORE = { silent: 1_500, "waiting for the answer": 6_300, "waiting to try again": 7_700 };

it.concurrent.each(WRAPS)("keeps alive, and connects again, while the clock passes %s", async (_, wrap) => {
  const running = Object.entries(BEFORE).map(async ([when, before]) => {
    if (!bundled) throw new Error("not bundled");
    const report = await runSession(bundled, { answer: answeringOnce(), clockStart: wrap - before });
    return { when, before, report };
  });
  for (const { when, before, report } of await Promise.all(running)) {
    expect(report, when).toMatchObject({ reason: "finished", errors: "" });
    expect(report.trace, when).toEqual(["connected", "ERR_KEEPALIVE_TIMEOUT", "connected", "closed"]);
    expect(report.received[PINGREQ], when).toBe(2);
    const { begin, end } = shown(report);
    expect((begin - (wrap - before)) >>> 0, when).toBeLessThan(2 ** 31); // from there on
    expect((end - wrap) >>> 0, when).toBeLessThan(2 ** 31); // past it
  }
});

it.concurrent.each(WRAPS)("fires timers while the clock passes %s: what is due, and nothing else", async (_, wrap) => {
  const delays = ["2147483647", "-1", "0", "1", "86400000", "200", "300"];
  const report = await run(program("clock-timers"), { arguments: delays, clockStart: wrap - 100, timeout: 50_000 });
  expect(report).toMatchObject({ reason: "finished", errors: "" });
  expect(report.trace).toEqual(["-1", "0", "1", "200", "300"]);
});
