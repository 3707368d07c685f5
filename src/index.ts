export { MqttError } from "./errors.js";
export type { ErrorCode, Fault } from "./errors.js";
export type { Clock, ClockTimer } from "./client/clock.js";
export type { Transport, TransportListener } from "./client/transport.js";
export { Client } from "./client/client.js";
export type { ClientOptions, Subscription } from "./client/options.js";
export type { Will } from "./codec/codec.js";
export type { Message } from "./session/message.js";
export { WOULD_BLOCK } from "./session/session.js";
export type { QoS } from "./wire/quality-of-service.js";
export { Topic } from "./wire/topic.js";
export { TopicFilter } from "./wire/topic-filter.js";
export { utf8 } from "./wire/utf8.js";
export type { PayloadSource } from "./session/payload-source.js";
export type { SessionKeeper } from "./session/session-state.js";

// What modules beside the library, such as mqtt-xs/v5, share with it, so that no device has it twice. Not for applications.
export { wrong } from "./errors.js";
export { wholeNumber } from "./client/options.js";
export { Inbox } from "./session/inbox.js";
export { ReceivedMessage } from "./session/message.js";
export { Outbox } from "./session/outbox.js";
export { frame, packetSize, put, readLength, writeLength } from "./wire/frame.js";
export { checkQoS } from "./wire/quality-of-service.js";
export { isTopicName, viewOf } from "./wire/topic.js";
export { decodeCodePoint, decodeUtf8, encodeUtf8 } from "./wire/utf8.js";
