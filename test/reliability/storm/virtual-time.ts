/** Something that can be planned to happen, once at a time. */
export class VirtualEvent {
  /** When it is to happen, in milliseconds of virtual time. */
  time = 0;
  /** Rises with every plan, so that what is planned for the same time happens in the order it was planned. */
  order = 0;
  /** Where it is in the heap of its `VirtualTime`; -1 while it is not planned. */
  place = -1;
  readonly happen: () => void;

  constructor(happen: () => void) {
    this.happen = happen;
  }
}

/** Time that jumps from one event to the next: a binary heap of events, the earliest at the top. */
export class VirtualTime {
  /** Milliseconds since the beginning; fractions count. */
  now = 0;
  readonly #heap: VirtualEvent[] = [];
  #order = 0;

  /** Has `event` happen after `delay` milliseconds, and not when it was planned for before. */
  plan(event: VirtualEvent, delay: number): void {
    this.forget(event);
    event.time = this.now + delay;
    event.order = ++this.#order;
    this.#rise(event, this.#heap.length);
  }

  /** Has `action` happen after `delay` milliseconds. */
  after(delay: number, action: () => void): void {
    this.plan(new VirtualEvent(action), delay);
  }

  /** Takes back a plan, if there is one. */
  forget(event: VirtualEvent): void {
    const { place } = event;
    if (place < 0) return;
    event.place = -1;
    const last = this.#heap.pop();
    if (!last || last === event) return;
    this.#sink(last, place);
    this.#rise(last, last.place);
  }

  /** Lets everything happen that is planned up to the time `end`, in order, each at its own time or, where that is past, now. */
  run(end: number): void {
    for (let first = this.#heap.at(0); first && first.time <= end; first = this.#heap.at(0)) {
      this.forget(first);
      this.now = Math.max(this.now, first.time);
      first.happen();
    }
    this.now = end;
  }

  /** Puts an event where all above are earlier, from `place` upwards. */
  #rise(event: VirtualEvent, place: number): void {
    let parent = (place - 1) >> 1;
    while (place > 0 && isBefore(event, this.#heap[parent])) {
      this.#put(this.#heap[parent], place);
      place = parent;
      parent = (place - 1) >> 1;
    }
    this.#put(event, place);
  }

  /** Puts an event where all below are later, from `place` downwards. */
  #sink(event: VirtualEvent, place: number): void {
    let child = this.#earlierChild(place);
    while (child > 0 && isBefore(this.#heap[child], event)) {
      this.#put(this.#heap[child], place);
      place = child;
      child = this.#earlierChild(place);
    }
    this.#put(event, place);
  }

  /** The place of the earlier of the two events below; 0 when there is none. */
  #earlierChild(place: number): number {
    const left = 2 * place + 1;
    const right = left + 1;
    if (left >= this.#heap.length) return 0;
    return right < this.#heap.length && isBefore(this.#heap[right], this.#heap[left]) ? right : left;
  }

  #put(event: VirtualEvent, place: number): void {
    this.#heap[place] = event;
    event.place = place;
  }
}

function isBefore(left: VirtualEvent, right: VirtualEvent): boolean {
  return left.time < right.time || (left.time === right.time && left.order < right.order);
}
