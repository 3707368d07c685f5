export { DeviceClock } from "./clock.js";
export type { Resolver, ResolverOptions } from "./resolver.js";
export { TcpTransport, type TcpTransportOptions } from "./tcp-transport.js";
