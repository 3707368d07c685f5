/** All that a device has of MQTT 5.0: what it has of 3.1.1, and what 5.0 has besides. Only looked at, never run. */
export * from "../bytecode.js";
export { Client as Client5, Properties, Topic as Topic5 } from "../../../../src/v5.js";
