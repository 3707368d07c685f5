import { Client, Topic } from "mqtt-xs/v5";
import { SoakDevice } from "../../reliability/soak/device.js";

// The device of `npm run soak`, over MQTT 5.0.

new SoakDevice(
  (options) => new Client(options),
  (name) => new Topic(name),
);
