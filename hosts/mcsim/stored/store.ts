import config from "mc/config";
import { Journal, StoredSession } from "mqtt-xs/store";
import { FileFlash } from "./file-flash.js";

const onError = ({ message }: { message: string }): void => trace(`${message}\n`);

/** What has the session outlive the simulator: a file in the place of the flash that a board has. */
export function keptSession(): { session: StoredSession } {
  const journal = new Journal(new FileFlash(String(config.store)), { onError });
  return { session: new StoredSession(journal, onError) };
}
