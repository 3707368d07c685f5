export type { MessageProperties } from "./request/correlated-properties.js";
export { CorrelatedProperties } from "./request/correlated-properties.js";
export { NO_RESPONSE_TOPIC, TOO_LONG, TOO_MANY } from "./request/refusals.js";
export { Requester, type RequesterOptions } from "./request/requester.js";
export { Responder, type ResponderOptions } from "./request/responder.js";
