import { MqttError } from "../errors.js";

/** The server has not proved itself, or did not keep to SCRAM. */
export function refused(why: string): MqttError {
  return new MqttError("ERR_AUTHENTICATION", `SCRAM: ${why}`, "server");
}
