import { grouped } from "./format.js";

/** What MQTT 5.0 can say of a message beside its payload, as MQTT.js gives it. */
export interface ReceivedProperties {
  readonly payloadFormatIndicator?: boolean;
  readonly messageExpiryInterval?: number;
  readonly contentType?: string;
  readonly userProperties?: Readonly<Record<string, string | readonly string[]>>;
}

const CONTENT_TYPE = "application/json";
const UNITS: Readonly<Record<string, string>> = { temperature: "°C", humidity: "%", battery: "V" };

/** Seconds: a day, which runs down while a server keeps the message. */
const LONGEST_EXPIRY = 86_400;

/** What is wrong with what a reading came with; undefined when nothing is. */
export function findFault(properties: ReceivedProperties): string | undefined {
  const { payloadFormatIndicator, messageExpiryInterval = 0, contentType, userProperties = {} } = properties;
  if (contentType !== CONTENT_TYPE) return `content type ${String(contentType)} instead of ${CONTENT_TYPE}`;
  if (payloadFormatIndicator !== true) return "no word of being text";
  if (messageExpiryInterval < 1 || messageExpiryInterval > LONGEST_EXPIRY) return `an expiry of ${messageExpiryInterval} s`;
  const wrong = Object.entries(UNITS).find(([name, unit]) => userProperties[name] !== unit);
  return wrong === undefined ? undefined : `${wrong[0]} in ${String(userProperties[wrong[0]])} instead of ${wrong[1]}`;
}

/** The same for people, where nothing is wrong. */
export function describeProperties({ messageExpiryInterval = 0, contentType = "", userProperties = {} }: ReceivedProperties): string {
  const units = Object.entries(userProperties).map(([name, unit]) => `${name} in ${[unit].flat().join(", ")}`);
  return [contentType, ...units, `worth delivering for ${grouped(messageExpiryInterval)} s`].join(", ");
}
