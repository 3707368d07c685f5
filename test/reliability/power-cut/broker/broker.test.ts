import { describe, expect, it, vi } from "vitest";
import { mosquittoAvailable } from "../../../support/mosquitto-broker.js";
import type { Host } from "../options.js";
import type { Protocol } from "../simulation/packets.js";
import { runWithBroker } from "./run.js";

// They compute all the time: on a busy machine that takes as long as it takes.
vi.setConfig({ testTimeout: 600_000 });

// A short form of `npm run powercut -- --broker`.

const DEVICES: readonly { readonly name: string; readonly host: Host; readonly protocol: Protocol; readonly kills: number }[] = [
  { name: "a process on Node with its store in a file, MQTT 3.1.1", host: "node", protocol: 4, kills: 8 },
  { name: "a process on Node with its store in a file, MQTT 5.0", host: "node", protocol: 5, kills: 7 },
  { name: "a program on XS with its store in flash, MQTT 3.1.1", host: "xs", protocol: 4, kills: 15 },
  { name: "a program on XS with its store in flash, MQTT 5.0", host: "xs", protocol: 5, kills: 15 },
];

describe.skipIf(!mosquittoAvailable())("A device that is killed at any step, and mosquitto (skipped where that is not installed)", () => {
  it.each(DEVICES)("lose, repeat and reorder nothing: $name", async ({ host, protocol, kills }) => {
    const { violations, fromDevice, toDevice } = await runWithBroker({ host, protocol, kills, seed: 1 });
    expect(violations).toEqual([]);
    expect(fromDevice).toBeGreaterThan(kills);
    expect(toDevice).toBeGreaterThan(3);
  });

  it("are found out where the store writes late: messages are lost", async () => {
    const options = { host: "node", protocol: 4, kills: 4, seed: 1 } as const;
    const { violations } = await runWithBroker({ ...options, planted: "writes late", patience: 4_000 });
    expect(violations.map(({ fault }) => fault)).toContain("lost");
  });
});
