import type { SessionKeeper } from "mqtt-xs";

/** What has the session outlive the simulator: nothing. In the manifest of stored/, another module stands in its place. */
export function keptSession(): { session?: SessionKeeper } {
  return {};
}
