export { DeviceClock } from "./clock.js";
export type { Resolver, ResolverOptions } from "../../src/ecma419/resolver.js";
export type { Socket, SocketCallbacks, SocketOptions, SocketParameters } from "../../src/ecma419/socket.js";
export { SocketTransport, type SocketTransportOptions } from "../../src/ecma419/socket-transport.js";
export { TcpTransport, type TcpTransportOptions } from "./tcp-transport.js";
