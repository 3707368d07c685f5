/** What is played to: the client of 3.1.1, of 5.0, and of 3.1.1 over our own WebSocket. */
export const VERSION_NAMES = ["3", "5", "websocket"] as const;

export type VersionName = (typeof VERSION_NAMES)[number];
