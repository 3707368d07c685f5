// Written from the MQTT 5.0 standard alone and with nothing from src, so that a mistake there is not repeated here.

export { concat, hex, mqttString, packet, remainingLength, toHex, uint16, utf8, type QoS } from "../packets.js";
export * from "./client-packets.js";
export * from "./properties.js";
export * from "./server-packets.js";
