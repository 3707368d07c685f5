export type { MessageProperties } from "./request/exchange.js";
export { NO_RESPONSE_TOPIC, TOO_LONG, TOO_MANY } from "./request/refusals.js";
export { Requester, type RequesterOptions, type RequestProperties } from "./request/requester.js";
export { type AnswerProperties, Responder, type ResponderOptions } from "./request/responder.js";
