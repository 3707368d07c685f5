/** What the chip tells and can do, beside what the SDK offers: native/board.c. */
export interface Board {
  /** °C of the chip; NaN where it has no sensor. */
  board_temperature(): number;
  /** Bytes that nobody uses, outside of XS's heap. */
  board_free_memory(): number;
  /** How often the chip has started since power came, this time included; to be called once. Survives deep sleep. */
  board_count_boot(): number;
  /** Deep sleep: does not return, as the chip starts anew when it wakes. */
  board_sleep(seconds: number): void;
}
