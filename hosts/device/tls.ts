export { type SecureOptions, TlsTransport, type TlsTransportOptions } from "./tls-transport.js";
