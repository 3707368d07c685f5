export type { WebSocketTransportOptions } from "./websocket/options.js";
export { WebSocketTransport } from "./websocket/transport.js";
