/** The versions of MQTT that the firmware speaks. */
export type ProtocolVersion = "3.1.1" | "5.0";
