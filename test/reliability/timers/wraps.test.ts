import { Client } from "mqtt-xs";
import { Client as Client5 } from "mqtt-xs/v5";
import { describe, expect, it } from "vitest";
import { AwkwardClock, type Awkwardness, SHOWINGS } from "./awkward-clock.js";
import { type Fate, live } from "./life.js";

/** Milliseconds, apart from Keep Alive. */
const OPTIONS = { clean: false, clientId: "c", keepalive: 10, connectTimeout: 5_000, stableAfter: 10_000 } as const;

/** Everything that a client measures time for. */
const FATES: readonly Fate[] = [
  {}, // no answer to TCP
  { open: 100 }, // no answer to CONNECT
  { open: 100, connack: 3_100, pingresps: 1 }, // no answer to the second PINGREQ
  { open: 0, connack: 0, drop: 9_999 }, // not stable
  { open: 0, connack: 0, drop: 10_000 }, // stable
  { refuse: 10 },
  { refuse: 10 },
  { refuse: 10 },
  { open: 0, connack: 0 },
];
const LIFE = 90_000;

const v3 = (awkwardness?: Awkwardness): string[] =>
  live(
    new AwkwardClock(awkwardness),
    FATES,
    LIFE,
    (options) => new Client({ ...OPTIONS, ...options }).connect(),
    (sessionPresent) => Uint8Array.of(0x20, 2, Number(sessionPresent), 0),
  );

/** With a session that has run out when the three refusals are over, but not before. */
const v5 = (awkwardness?: Awkwardness): string[] =>
  live(
    new AwkwardClock(awkwardness),
    FATES,
    LIFE,
    (options) => new Client5({ ...OPTIONS, ...options, sessionExpiryInterval: 5 }).connect(),
    (sessionPresent) => Uint8Array.of(0x20, 3, Number(sessionPresent), 0, 0),
  );

/** The times are counted together by hand from the options, with every wait halved by the jitter. */
const COURSE = [
  "0 opening",
  "5000 ERR_CONNECT_TIMEOUT",
  "5500 opening",
  "5600 CONNECT",
  "10500 ERR_CONNECT_TIMEOUT",
  "11500 opening",
  "11600 CONNECT",
  "14600 connected",
  "20600 PINGREQ",
  "29600 PINGREQ",
  "35600 ERR_KEEPALIVE_TIMEOUT",
  "36100 opening",
  "36100 CONNECT",
  "36100 connected, session present",
  "45100 PINGREQ",
  "46099 ERR_CONNECTION_CLOSED",
  "47099 opening", // twice as long: a millisecond more, and the last connection would have been stable
  "47099 CONNECT",
  "47099 connected, session present",
  "56099 PINGREQ",
  "57099 ERR_CONNECTION_CLOSED",
  "57599 opening",
  "57609 ERR_SOCKET",
  "58609 opening",
  "58619 ERR_SOCKET",
  "60619 opening",
  "60629 ERR_SOCKET",
  "64629 opening",
  "64629 CONNECT",
  "64629 connected, session present",
  "73629 PINGREQ",
  "82629 PINGREQ",
];

/** By then, the session of 5 seconds has ended. */
const COURSE_5 = COURSE.with(-4, "64629 CONNECT, clean").with(-3, "64629 connected");

it("a life in which everything happens that time is measured for takes this course", () => {
  expect(v3()).toEqual(COURSE);
  expect(v5()).toEqual(COURSE_5);
});

/** Close enough together to have every one of the times above measured across the wrap. */
const STEP = 499;
const BEFORE = Array.from({ length: Math.ceil(LIFE / STEP) }, (_, index) => index * STEP);

describe.each(Object.entries(SHOWINGS))("on a clock that shows %s", (_name, show) => {
  it.each([
    ["2^31", 2 ** 31],
    ["2^32", 2 ** 32],
  ])("takes the same course, wherever in it the clock is past %s", (_wrap, wrap) => {
    for (const before of BEFORE) {
      expect(v3({ start: wrap - before, show }), `${before} ms before`).toEqual(COURSE);
      expect(v5({ start: wrap - before, show }), `${before} ms before`).toEqual(COURSE_5);
    }
  });
});
