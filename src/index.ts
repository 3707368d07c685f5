export { MqttError } from "./errors.js";
export type { ErrorCode, Fault } from "./errors.js";
export type { Clock, ClockTimer } from "./client/clock.js";
export type { Transport, TransportListener } from "./client/transport.js";
export { Topic } from "./wire/topic.js";
export { TopicFilter } from "./wire/topic-filter.js";
