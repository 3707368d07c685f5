import { wrong } from "../errors.js";

/** Quality of service (MQTT 3.1.1, 4.3): 0 at most once, 1 at least once, 2 exactly once. */
export type QoS = 0 | 1 | 2;

/** @throws MqttError `ERR_ARGUMENT` that names `name`. */
export function checkQoS(qos: number, name: string): QoS {
  if (qos !== 0 && qos !== 1 && qos !== 2) throw wrong(name, "0, 1 or 2");
  return qos;
}
