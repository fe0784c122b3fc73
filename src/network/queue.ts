/** A queue whose head leaves in constant time, however long it is. */

/** Values in the order in which they came. */
export class Queue<Value> {
  #values: Value[] = [];
  #head = 0;

  get size(): number {
    return this.#values.length - this.#head;
  }

  /** The oldest value; undefined when there is none. */
  first(): Value | undefined {
    return this.#values[this.#head];
  }

  push(value: Value): void {
    this.#values.push(value);
  }

  /** Removes the oldest value. Does nothing when there is none. */
  shift(): void {
    this.#head += 1;
    // Once half is gone, moving the rest costs no more than the steps that led here.
    if (this.#head * 2 > this.#values.length) this.#removeHead();
  }

  /** Removes all values that match, in time proportional to the size. Returns how many it removed. */
  remove(matches: (value: Value) => boolean): number {
    const before = this.size;
    this.#removeHead();
    this.#values = this.#values.filter((value) => !matches(value));
    return before - this.size;
  }

  #removeHead(): void {
    this.#values = this.#values.slice(this.#head);
    this.#head = 0;
  }
}
