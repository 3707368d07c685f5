import { beforeAll, describe, expect, it } from "vitest";
import * as plain from "../units.js";
import { type Kind, unitsToAcknowledge, unitsToPublish, unitsToReceive } from "./units.js";

/** How much more than the same operation in MQTT 3.1.1 it may take. */
const CEILING = 1.25;

const OPERATIONS = [
  { title: "publish a message of QoS 0", before: plain.unitsToPublish, now: unitsToPublish, vary: false },
  { title: "receive, check and route a message of QoS 0", before: () => plain.unitsToReceive(), now: unitsToReceive, vary: false },
  // What this takes depends on how many messages are still waiting, in 3.1.1 too.
  { title: "take a PUBACK", before: plain.unitsToAcknowledge, now: unitsToAcknowledge, vary: true },
];

describe.each(OPERATIONS)("To $title, MQTT 5.0", ({ before, now, vary }) => {
  let ceiling: number;
  beforeAll(async () => {
    ceiling = CEILING * (await before()).most;
  });

  it.each<[string, Kind]>([
    ["with a plain topic and no properties", {}],
    ["with a topic alias and properties", { alias: true, properties: true }],
  ])(`takes at most ${CEILING} times the units of 3.1.1, each of a thousand times, %s`, async (_title, kind) => {
    const { least, most } = await now(kind);
    if (!vary) expect(least).toBe(most);
    expect(most).toBeLessThanOrEqual(ceiling);
  });
});
