import { MqttError } from "mqtt-xs";
import type { ResolverOptions } from "../../src/ecma419/resolver.js";
import type { SocketOptions } from "../../src/ecma419/socket.js";
import type { SocketTransportOptions } from "../../src/ecma419/socket-transport.js";
import { checkInteger, checkText } from "./check.js";
import { DeviceClock } from "./clock.js";

/** Where a server is, and how to talk to it: one of `host` and `address`, the rest as needed. */
export interface EndpointOptions {
  /** The server's name; goes to `resolver`, or where there is none to the socket, which on ESP32 takes addresses only. */
  host?: string;
  /** The server's IP address, such as `"192.168.1.10"`. Nothing is resolved. */
  address?: string;
  /** 1 to 65,535. Default 1883, and 8883 with TLS. */
  port?: number;
  /** An ECMA-419 DNS resolver's dictionary: its class as `io`, and what that needs, such as `servers` and `socket`. */
  resolver?: ResolverOptions;
  /** Bytes read at once behind the beginning of a packet, 1 to 65,535. Costs as many bytes. Default 128. */
  bufferSize?: number;
  /**
   * The platform's send buffer in bytes, 1 to 65,535: a larger write would wait for ever. Default 8,192, as the SDK
   * configures ESP32; the simulator has 1,536.
   */
  writeLimit?: number;
}

/** The options of a transport through the socket of this dictionary. @throws MqttError `ERR_ARGUMENT`. */
export function endpoint(options: EndpointOptions, defaultPort: number, socket: SocketOptions): SocketTransportOptions {
  const { address, host, resolver, port = defaultPort, bufferSize = 128, writeLimit = 8192 } = options;
  if (address === undefined) checkText("host", host);
  else checkText("address", address);
  if (resolver && typeof resolver.io !== "function")
    throw new MqttError("ERR_ARGUMENT", "resolver: expected a dictionary with its class as io", "caller");
  return {
    host,
    address,
    port: checkInteger("port", port, 1, 0xffff),
    socket,
    resolver,
    bufferSize: checkInteger("bufferSize", bufferSize, 1, 0xffff),
    writeLimit: checkInteger("writeLimit", writeLimit, 1, 0xffff),
    clock: new DeviceClock(),
  };
}
