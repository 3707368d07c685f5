import { Client } from "mqtt-xs";
import { describe, expect, it } from "vitest";
import { randomNumbers } from "../storm/random.js";
import { AwkwardClock } from "./awkward-clock.js";
import { acceptance, type Fate, type LifeOptions, live } from "./life.js";

/** Milliseconds. */
const KEEP_ALIVE = 60_000;
/** When a server closes the connection of a client that has sent nothing [MQTT-3.1.2-24]. */
const PATIENCE = 1.5 * KEEP_ALIVE;

const ANSWERING: Fate = { open: 0, connack: 0 };
/** A server, or a network, that is gone without a word. */
const SILENT: Fate = { ...ANSWERING, pingresps: 0 };

/** Connects, waits, and sleeps. What happens from waking up on is in the log. */
function sleep(fate: Fate, awake: number, asleep: number): { clock: AwkwardClock; log: string[] } {
  const clock = new AwkwardClock();
  const log = live(clock, [fate, ANSWERING], awake, (options) => new Client(options).connect(), acceptance);
  log.length = 0;
  clock.sleep(asleep);
  return { clock, log };
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

describe("a client that wakes up", () => {
  it.each([PATIENCE, 10 * MINUTE, DAY, 24 * DAY, 40 * DAY])("after %i ms knows that the server has given it up", (asleep) => {
    for (const awake of [0, 1, 1_000, 20_000, 53_999, 54_000, 55_000]) {
      const { clock, log } = sleep(SILENT, awake, asleep);
      expect(log).toEqual([`${awake + asleep} ERR_KEEPALIVE_TIMEOUT`]);
      clock.advance(500);
      expect(log.slice(1)).toEqual(["opening", "CONNECT, clean", "connected"].map((what) => `${awake + asleep + 500} ${what}`));
    }
  });

  it("sends a PINGREQ at once when one was due, and goes on when the server answers", () => {
    for (const awake of [0, 10_000, 30_000])
      for (const silence of [54_000, 60_000, 80_000, PATIENCE - 1]) {
        const { clock, log } = sleep(ANSWERING, awake, silence - awake);
        expect(log, `${awake} ms awake`).toEqual([`${silence} PINGREQ`]);
        clock.advance(10 * MINUTE);
        expect(log).not.toContainEqual(expect.stringContaining("ERR_"));
      }
  });

  it("then waits for the answer for 60 % of Keep Alive, as always", () => {
    for (const silence of [54_000, 60_000, PATIENCE - 1]) {
      const { clock, log } = sleep(SILENT, 10_000, silence - 10_000);
      clock.advance(KEEP_ALIVE);
      const [pingreq, failure] = log.map((line) => parseInt(line));
      expect(log[1]).toContain("ERR_KEEPALIVE_TIMEOUT");
      expect(failure - pingreq).toBeGreaterThan(0.45 * KEEP_ALIVE);
      expect(failure - pingreq).toBeLessThanOrEqual(0.6 * KEEP_ALIVE);
    }
  });

  it("reads an answer that came while it slept", () => {
    const { clock, log } = sleep({ ...ANSWERING, pingresp: 20_000 }, 54_000, 80_000); // it was sent at 54,000
    expect(log).toEqual([]);
    clock.advance(10 * MINUTE);
    expect(log).not.toContainEqual(expect.stringContaining("ERR_"));
  });

  it("however often it sleeps, notices before it has been awake for one and a half times Keep Alive", () => {
    const random = randomNumbers(7);
    for (let run = 0; run < 200; run++) {
      const { clock, log } = sleep(SILENT, 0, 0);
      let awake = 0;
      while (!log.some((line) => line.includes("ERR_"))) {
        const spell = random() * 10_000;
        clock.advance(spell);
        clock.sleep(random() ** 4 * 100_000);
        awake += spell;
        expect(awake).toBeLessThanOrEqual(PATIENCE + 10_000);
      }
    }
  });
});

describe("timers that fire late, by up to a tenth of Keep Alive,", () => {
  it("never let Keep Alive pass without a packet [MQTT-3.1.2-23]", () => {
    for (const keepalive of [1, 10, 60]) {
      const random = randomNumbers(keepalive);
      const clock = new AwkwardClock({ delay: (milliseconds) => milliseconds + random() * keepalive * 99 });
      const begin = (options: LifeOptions): void => new Client({ ...options, keepalive }).connect();
      const log = live(clock, [ANSWERING], 100_000 * keepalive, begin, acceptance);
      const sent = log.filter((line) => /CONNECT|PINGREQ/.test(line)).map((line) => parseInt(line));
      expect(sent.length).toBeGreaterThanOrEqual(100);
      const pauses = sent.slice(1).map((time, index) => time - sent[index]);
      expect(Math.max(...pauses)).toBeLessThanOrEqual(keepalive * 1_000);
      expect(log).not.toContainEqual(expect.stringContaining("ERR_"));
    }
  });
});
