import MQTTClient, { type Options } from "../../src/ecma419.js";
import { DeviceClock } from "./clock.js";

export * from "../../src/ecma419.js";

/** The module `embedded:network/mqtt/client`: ECMA-419's MQTT client, by the device's clock. */
export default class extends MQTTClient {
  constructor(options: Options<MQTTClient>) {
    super(options, new DeviceClock());
  }
}
