import { describe, expect, it } from "vitest";
import { mosquittoAvailable } from "../../support/mosquitto-broker.js";
import { soak } from "./soak.js";
import { faultsOf } from "./verdict.js";

// The short form of `npm run soak`.

const MESSAGES = 10_000;
const RESTARTS = 3;
const SETTINGS = { messages: MESSAGES, restarts: RESTARTS, broker: "mosquitto", seed: 5, heap: 65_536 } as const;

const isAvailable = mosquittoAvailable();
const suffix = isAvailable ? "" : " (skipped: mosquitto is not installed)";
if (!isAvailable) process.stderr.write("\nsoak: mosquitto is not installed, so its tests are skipped\n");

describe.skipIf(!isAvailable)(`${MESSAGES} messages and ${RESTARTS} restarts of the broker${suffix}`, () => {
  it.each<[string, 4 | 5]>([
    ["3.1.1", 4],
    ["5.0", 5],
  ])("over MQTT %s: none lost or duplicated, nothing allocated", { timeout: 240_000 }, async (_name, protocolVersion) => {
    const result = await soak({ ...SETTINGS, protocolVersion }, () => undefined, new AbortController().signal);
    expect(faultsOf(result)).toEqual([]);
    expect(result.restartsAt).toHaveLength(RESTARTS);
    expect(result.device.connections).toBeGreaterThan(RESTARTS);
    expect(result.device.samples.length).toBeGreaterThan(MESSAGES / 1_000);
  });
});
