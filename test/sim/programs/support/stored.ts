import type { Client, ClientOptions } from "mqtt-xs";
import { Journal, StoredSession } from "mqtt-xs/store";
import { FlashPartition } from "../../../../hosts/device/flash.js";
import { makeClient } from "./client.js";

const onError = ({ code, message }: { code: string; message: string }): void => trace(`${code}: ${message}`);

/** A client of the runner's peer, whose session is stored in the simulator's flash. */
export function makeStoredClient(options: Partial<ClientOptions>): Client {
  const journal = new Journal(new FlashPartition({ path: "mqtt" }), { onError });
  return makeClient({ clientId: "greenhouse-1", clean: false, session: new StoredSession(journal, onError), ...options });
}
