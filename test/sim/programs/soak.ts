import { Client, Topic } from "mqtt-xs";
import { SoakDevice } from "../../reliability/soak/device.js";

// The device of `npm run soak`, over MQTT 3.1.1.

new SoakDevice(
  (options) => new Client(options),
  (name) => new Topic(name),
);
