import type { ClientOptions } from "mqtt-xs";
import { Journal, StoredSession } from "mqtt-xs/store";
import { FlashPartition } from "../../../../hosts/device/flash.js";

const onError = ({ code, message }: { code: string; message: string }): void => trace(`${code}: ${message}`);

/** What has a client store its session in the simulator's flash. */
export function stored(): Required<Pick<ClientOptions, "clientId" | "session">> & { clean: false } {
  const journal = new Journal(new FlashPartition({ path: "mqtt" }), { onError });
  return { session: new StoredSession(journal, onError), clean: false, clientId: "greenhouse-1" };
}
