import { MqttError } from "mqtt-xs";
import { socketError, type Progress } from "./socket-error.js";

/** What `ws` tells of an error. */
interface WebSocketFailure extends Error {
  readonly code?: string;
}

/**
 * What happened to the WebSocket to `place`, from what `ws` says about it: the one rule.
 *
 * - `ERR_WEBSOCKET`: a frame that breaks RFC 6455 came in; once a WebSocket is open, `ws` tells of nothing else.
 * - `ERR_WEBSOCKET_SUBPROTOCOL`: the server agreed to a WebSocket, but not to its subprotocol `mqtt`.
 * - `ERR_WEBSOCKET_UPGRADE`: it answered with an HTTP status other than 101, which is the `reasonCode`, or otherwise not as
 *   it must.
 * - As `socketError` says: all that went wrong before there was an answer.
 *
 * @param httpStatus of the server's answer to the handshake; 0 before there is one.
 */
export function webSocketError(failure: WebSocketFailure, progress: Progress, httpStatus: number, place: string): MqttError {
  if (progress === "open") return brokenFrame(failure.message, place);
  if (httpStatus === 101) return wrongAnswer(failure.message, place);
  if (httpStatus !== 0) return noUpgrade(`the server answered with the HTTP status ${httpStatus}`, httpStatus, place);
  if (failure.code?.startsWith("HPE_")) return noUpgrade("the server does not answer in HTTP", 0, place);
  return socketError(failure, progress, place);
}

/** A frame came in that breaks RFC 6455, or what MQTT says about it. */
export function brokenFrame(words: string, place: string): MqttError {
  return new MqttError("ERR_WEBSOCKET", `lost the connection to ${place}: ${words}`, "server");
}

/** The server closed in order, with a code that says why (RFC 6455, 7.4), which is the `reasonCode`. */
export function closedWith(code: number, place: string): MqttError {
  const message = `lost the connection to ${place}: the server closed it with the WebSocket code ${code}`;
  return new MqttError("ERR_CONNECTION_CLOSED", message, "network", code);
}

/** For what is wrong with an upgrade, `ws` has words only. */
function wrongAnswer(words: string, place: string): MqttError {
  if (!words.includes("subprotocol")) return noUpgrade(words, 101, place);
  const message = `cannot connect to ${place}: the server did not agree to the subprotocol mqtt`;
  return new MqttError("ERR_WEBSOCKET_SUBPROTOCOL", message, "server");
}

function noUpgrade(why: string, httpStatus: number, place: string): MqttError {
  return new MqttError("ERR_WEBSOCKET_UPGRADE", `cannot open a WebSocket to ${place}: ${why}`, "server", httpStatus);
}
