import { Client, type ClientOptions, Properties } from "mqtt-xs/v5";
import { DeviceClock } from "../../../../../hosts/device/index.js";
import { makeTransport } from "../../support/transport.js";

export { payload, TOPIC } from "../../support/client.js";

/** A client of the runner's peer, which speaks MQTT 5.0, on the device's transport and clock. */
export function makeClient(options: Partial<ClientOptions>): Client {
  return new Client({ transport: makeTransport(), clock: new DeviceClock(), ...options });
}

/** What a message of a device may well say of itself. 36 bytes. */
export function makeProperties(): Properties {
  return new Properties({
    payloadFormatIndicator: true,
    messageExpiryInterval: 3_600,
    contentType: "text/plain",
    userProperties: { unit: "C" },
  });
}
