import { FlashPartition } from "mqtt-xs/device/flash";
import { Journal, StoredSession } from "mqtt-xs/store";

const onError = ({ message }: { message: string }): void => trace(`${message}\n`);

/** The session as it was when the power went, or the board fell asleep. Its partition is that of `partitions.csv`. */
export function openSession(): StoredSession {
  return new StoredSession(new Journal(new FlashPartition({ path: "mqtt" }), { onError }), onError);
}
