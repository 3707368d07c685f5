/** Quality of service (MQTT 3.1.1, 4.3): 0 at most once, 1 at least once, 2 exactly once. */
export type QoS = 0 | 1 | 2;
