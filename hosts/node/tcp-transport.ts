import { connect, type Socket } from "node:net";
import { checkInteger, checkText } from "../device/check.js";
import { SocketTransport } from "./socket-transport.js";

/** Options of a `TcpTransport`. */
export interface TcpTransportOptions {
  /** The server's name or address. */
  host: string;
  /** 1 to 65,535. Default 1883. */
  port?: number;
}

/**
 * A TCP connection through `node:net`.
 *
 * Nothing throws but the constructor: `ERR_ARGUMENT`, with the name of the option. `onClose` gets `ERR_HOST_NOT_FOUND`,
 * `ERR_SOCKET` when the connection was refused or failed, and `ERR_CONNECTION_CLOSED` when the other end closed it.
 */
export class TcpTransport extends SocketTransport {
  protected readonly openEvent = "connect";
  readonly #host: string;
  readonly #port: number;

  constructor(options: TcpTransportOptions) {
    const host = checkText("host", options.host);
    const port = checkInteger("port", options.port ?? 1883, 1, 0xffff);
    super(`${host}:${port}`);
    this.#host = host;
    this.#port = port;
  }

  protected connect(): Socket {
    return connect({ host: this.#host, port: this.#port, noDelay: true });
  }
}
