import { MqttError } from "mqtt-xs";

/** The integer that was given for the option `name`; throws `ERR_ARGUMENT` for anything out of `minimum` to `maximum`. */
export function checkInteger(name: string, value: number, minimum: number, maximum: number): number {
  if (!Number.isInteger(value) || value < minimum || value > maximum)
    throw new MqttError("ERR_ARGUMENT", `${name} must be an integer from ${minimum} to ${maximum}`, "caller");
  return value;
}

/** The text that was given for the option `name`; throws `ERR_ARGUMENT` when there is none. */
export function checkText(name: string, value: string | undefined): string {
  if (typeof value !== "string" || value === "") throw new MqttError("ERR_ARGUMENT", `${name} must be a string, and not empty`, "caller");
  return value;
}
