import type { Settings } from "./settings.js";

/** As whom a client connects. */
export interface Identity {
  readonly clientId: string;
  readonly username?: string;
  readonly password?: string;
}

/** Where the settings give no `clientId`, it is made from the board's MAC address, the same after every restart. */
export function identity({ clientId, mqttUsername, mqttPassword }: Settings, mac: string): Identity {
  return {
    clientId: clientId === "" ? `esp32-${mac.replaceAll(":", "")}` : clientId,
    ...(mqttUsername === "" ? {} : { username: mqttUsername }),
    ...(mqttPassword === "" ? {} : { password: mqttPassword }),
  };
}
