export { NodeClock } from "./clock.js";
export { TcpTransport, type TcpTransportOptions } from "./tcp-transport.js";
export { TlsTransport, type TlsTransportOptions } from "./tls-transport.js";
