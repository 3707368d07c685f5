import type { Resolver } from "mqtt-xs/device";

/** Resolves names through ESP-IDF, by the SDK's `System`. */
export class SystemResolver implements Resolver {
  #isClosed = false;

  /** {@inheritDoc Resolver.resolve} */
  resolve({ host, onResolved, onError }: Parameters<Resolver["resolve"]>[0]): void {
    System.resolve(host, (name, address) => {
      if (this.#isClosed) return;
      if (address) onResolved(name, address);
      else onError(name);
    });
  }

  /** Nothing is called from now on; ESP-IDF itself cannot be stopped. */
  close(): void {
    this.#isClosed = true;
  }
}
