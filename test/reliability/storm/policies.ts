import type { ClientOptions } from "mqtt-xs";

/** When a device tries again. */
export interface Policy {
  readonly name: string;
  /** The client's options, given a source of random numbers. */
  options(random: () => number): Pick<ClientOptions, "random" | "reconnectPeriod" | "reconnectMaximum">;
}

/** The client as it is when no option says anything else. */
export const BACKOFF: Policy = {
  name: "mqtt-xs: backoff with jitter",
  options: (random) => ({ random }),
};

/** As many clients do: MQTT.js unless told otherwise. */
export const EVERY_SECOND: Policy = {
  name: "every second",
  options: () => ({ random: () => 1, reconnectPeriod: 1_000, reconnectMaximum: 1_000 }),
};

/** The same on average, at random. */
export const ABOUT_EVERY_SECOND: Policy = {
  name: "every 0.5 to 1.5 seconds",
  options: (random) => ({ random: () => (1 + 2 * random()) / 3, reconnectPeriod: 1_500, reconnectMaximum: 1_500 }),
};

/** What is compared. */
export const POLICIES: readonly Policy[] = [BACKOFF, EVERY_SECOND, ABOUT_EVERY_SECOND];
