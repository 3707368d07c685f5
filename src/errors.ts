/** Whose fault an error is: what the application, the server, the network did, or a limit the caller chose. */
export type Fault = "caller" | "server" | "network" | "resources";

/** Stable codes of everything that can go wrong, with whose fault each is. The codes are part of the API. */
export interface FaultOf {
  /** A constructor option or an argument is wrong; the message names it. */
  ERR_ARGUMENT: "caller";
  /** A topic name is empty, too long, not Unicode, or holds a wildcard or U+0000. */
  ERR_TOPIC: "caller";
  /** A topic filter is empty, too long, not Unicode, or has a misplaced wildcard. */
  ERR_TOPIC_FILTER: "caller";
  /** A packet would not fit `packetSize`; the message says how many bytes it needs. */
  ERR_PACKET_SIZE: "caller";
  /** The call makes no sense now, such as `connect` while connected. */
  ERR_STATE: "caller";
  /** The ECMA-419 class was given more to write than there is room for; its `onWritable` tells how much there is. */
  ERR_WOULD_BLOCK: "caller";
  /** MQTT 5.0: the server has said that it does not do what the call asks for; `reasonCode` is what it would answer. */
  ERR_NOT_SUPPORTED: "caller";
  /** A `PayloadSource` gave up half-way, so the connection had to be closed. */
  ERR_PAYLOAD_ABANDONED: "caller";

  /** A packet broke the format that the standard gives it. */
  ERR_MALFORMED_PACKET: "server";
  /** A packet is well-formed, but not allowed now or not allowed from a server. */
  ERR_PROTOCOL: "server";
  /** The server answered CONNECT with a refusal; `reasonCode` is its return code. */
  ERR_CONNECTION_REFUSED: "server";
  /** Enhanced authentication failed: the server has not proved itself, or sent what the mechanism does not know. */
  ERR_AUTHENTICATION: "server";
  /** MQTT 5.0: the server said good-bye with a DISCONNECT; `reasonCode` is why. */
  ERR_DISCONNECTED: "server";
  /** A subscription restored on reconnecting was refused. */
  ERR_SUBSCRIPTION_REFUSED: "server";

  /** The socket failed, or could not be opened. */
  ERR_SOCKET: "network";
  /** The server's name could not be resolved. */
  ERR_HOST_NOT_FOUND: "network";
  /** The server, or something on the way, closed the connection. */
  ERR_CONNECTION_CLOSED: "network";
  /** No CONNACK within `connectTimeout`. */
  ERR_CONNECT_TIMEOUT: "network";
  /** Nothing came from the server in answer to a PINGREQ. */
  ERR_KEEPALIVE_TIMEOUT: "network";
  /** TLS failed, other than over the server's certificate; or the server refused the client's. */
  ERR_TLS: "network";
  /** The server's certificate does not prove who it is: an unknown authority, another name, or, where that is all the platform tells, expired. */
  ERR_CERTIFICATE: "network";
  /** The server's certificate is not valid any more, or not yet: a device whose clock was never set finds all of them so. */
  ERR_CERTIFICATE_EXPIRED: "network";
  /** The server did not answer the WebSocket handshake as it must; `reasonCode` is its HTTP status. */
  ERR_WEBSOCKET_UPGRADE: "server";
  /** The server agreed to a WebSocket, but not to its subprotocol `mqtt`. */
  ERR_WEBSOCKET_SUBPROTOCOL: "server";
  /** A WebSocket frame that breaks RFC 6455, or one of text, which MQTT does not allow. */
  ERR_WEBSOCKET: "server";

  /** The server has more QoS 2 messages under way than `receiveMaximum`. */
  ERR_RECEIVE_MAXIMUM: "resources";
  /** `mqtt-xs/store`: the store failed, or something in it was damaged; the message says which. */
  ERR_STORE: "resources";
  /** A topic came in that leaves no room for payload in `packetSize`. */
  ERR_RECEIVE_SIZE: "resources";
}

/** One of the codes above. */
export type ErrorCode = keyof FaultOf;

/** What an error is made from: no other fault goes with a code than its own. */
type ErrorArguments = {
  [Code in ErrorCode]: [code: Code, message: string, fault: FaultOf[Code], reasonCode?: number];
}[ErrorCode];

/** The only kind of error this library throws or reports. Never holds a credential. */
export class MqttError extends Error {
  /** Stable, for programs: `ERR_…`. */
  readonly code: ErrorCode;
  /** Whose fault it is. */
  readonly fault: Fault;
  /** The server's return code, or the reason code of MQTT 5.0 that goes with the error; 0 where there is none. */
  readonly reasonCode: number;

  constructor(...parts: ErrorArguments);
  constructor(code: ErrorCode, message: string, fault: Fault, reasonCode = 0) {
    super(message);
    this.code = code;
    this.fault = fault;
    this.reasonCode = reasonCode;
  }

  /** Not assigned: the property that it hides is in flash. */
  override get name(): string {
    return "MqttError";
  }
}

/** An option or argument is not what is expected of it. */
export function wrong(name: string, expected: string): MqttError {
  return new MqttError("ERR_ARGUMENT", `${name}: expected ${expected}`, "caller");
}

/** A packet that breaks the format the standard gives it. */
export function malformed(what: string): MqttError {
  return new MqttError("ERR_MALFORMED_PACKET", `malformed packet: ${what}`, "server");
}

/** A packet, well-formed, that the standard forbids here. */
export function violation(what: string): MqttError {
  return new MqttError("ERR_PROTOCOL", `protocol violation: ${what}`, "server");
}
