import TCP from "embedded:io/socket/tcp";
import { SocketTransport } from "../../src/ecma419/socket-transport.js";
import { type EndpointOptions, endpoint } from "./endpoint.js";

/** Options of a `TcpTransport`: one of `host` and `address`, the rest as needed. */
export type TcpTransportOptions = EndpointOptions;

/**
 * A TCP connection through the device's `embedded:io/socket/tcp`, on ESP32 and in the simulators.
 *
 * `open` allocates what the platform's socket and resolver take, and three callbacks; reading and writing allocate
 * nothing. The constructor throws `ERR_ARGUMENT`, with the name of the option, and `open` what the platform's socket
 * throws. `onClose` gets `ERR_HOST_NOT_FOUND`, `ERR_SOCKET` when there was no connection yet, and
 * `ERR_CONNECTION_CLOSED` after that; the platform does not tell why.
 */
export class TcpTransport extends SocketTransport {
  constructor(options: TcpTransportOptions) {
    super(endpoint(options, 1883, { io: TCP, nodelay: true }));
  }
}
