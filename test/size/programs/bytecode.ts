/** All that a device has of MQTT 3.1.1: the client and the device's transport and clock. Only looked at, never run. */
export * from "../../../src/index.js";
export * from "../../../hosts/device/index.js";
