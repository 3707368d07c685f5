export { WebSocketTransport, type WebSocketTransportOptions } from "./websocket-transport.js";
