import { describe, expect, it } from "vitest";
import { mosquittoAvailable } from "../../support/mosquitto-broker.js";
import type { BrokerName } from "./brokers.js";
import { describeFailed, describeTallies } from "./report.js";
import { run } from "./run.js";
import { Tally } from "./tally.js";

/** As many as fit an ordinary test run; `npm run faults` plays thousands. */
const SCHEDULES = 150;

async function played(broker: BrokerName): Promise<Tally> {
  const tally = new Tally(broker);
  const seeds = Array.from({ length: SCHEDULES }, (_, at) => at + 1);
  tally.restarts = await run({ broker, seeds, onOutcome: (outcome) => tally.add(outcome) });
  return tally;
}

const isInstalled = mosquittoAvailable();
if (!isInstalled) process.stderr.write("\nNetwork faults: mosquitto is not installed, so its schedules are skipped\n");

const FAULTS = ["refused", "host not found", "reset", "half-close", "loss", "silence", "split", "merge", "no room"] as const;

describe("Schedules of network faults lose, repeat and reorder nothing, also when the broker is restarted", () => {
  it.skipIf(!isInstalled)("with mosquitto", () => check("mosquitto"));
  it("with Aedes", () => check("aedes"));

  async function check(broker: BrokerName): Promise<void> {
    const tally = await played(broker);
    expect(tally.failed, tally.failed.map(describeFailed).join("\n")).toHaveLength(0);
    expect(tally.schedules).toBe(SCHEDULES);
    expect(tally.restarts).toBeGreaterThan(0);
    for (const fault of FAULTS) expect(tally.faults(fault), `${fault}\n${describeTallies([tally])}`).toBeGreaterThan(0);
  }
});
