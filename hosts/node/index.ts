export { NodeClock } from "./clock.js";
export { FileFlash, type FileFlashOptions } from "./file-flash.js";
export { MemoryFlash } from "./memory-flash.js";
export { TcpTransport, type TcpTransportOptions } from "./tcp-transport.js";
export { TlsTransport, type TlsTransportOptions } from "./tls-transport.js";
