export type { Flash } from "./store/flash.js";
export { Journal } from "./store/journal.js";
export type { JournalOptions } from "./store/journal.js";
export type { SessionStore } from "./store/session-store.js";
export { StoredSession } from "./store/stored-session.js";
