/** Writes canonical MessagePack into one piece of memory that grows and is used again. AssemblyScript. */

/** Outputs are written one after the other; each begins with `reset`. */
export class MessagePackWriter {
  private start: usize = heap.alloc(1024);
  private capacity: i32 = 1024;
  /** Bytes that were written. */
  length: i32 = 0;

  /** Forgets what was written. */
  reset(): void {
    this.length = 0;
  }

  /** Place and length as the ABI wants them. */
  output(): i64 {
    return ((<i64>this.start) << 32) | <i64>this.length;
  }

  nil(): void {
    this.byte(0xc0);
  }

  bool(value: bool): void {
    this.byte(value ? 0xc3 : 0xc2);
  }

  /** An integer in its shortest form. */
  uint(value: u64): void {
    if (value < 0x80) this.byte(<i32>value);
    else if (value < 0x100) this.sized(0xcc, 1, value);
    else if (value < 0x10000) this.sized(0xcd, 2, value);
    else if (value < 0x100000000) this.sized(0xce, 4, value);
    else this.sized(0xcf, 8, value);
  }

  /** Bytes that lie anywhere in memory. */
  bytesAt(place: usize, length: i32): void {
    if (length < 0x100) this.sized(0xc4, 1, length);
    else if (length < 0x10000) this.sized(0xc5, 2, length);
    else this.sized(0xc6, 4, length);
    this.raw(place, length);
  }

  bytes(value: Uint8Array): void {
    this.bytesAt(value.dataStart, value.length);
  }

  text(value: string): void {
    const length = String.UTF8.byteLength(value);
    if (length < 32) this.byte(0xa0 | length);
    else if (length < 0x100) this.sized(0xd9, 1, length);
    else if (length < 0x10000) this.sized(0xda, 2, length);
    else this.sized(0xdb, 4, length);
    this.reserve(length);
    String.UTF8.encodeUnsafe(changetype<usize>(value), value.length, this.start + this.length);
    this.length += length;
  }

  /** Opens an array of `count` values, which follow. */
  array(count: i32): void {
    if (count < 16) this.byte(0x90 | count);
    else if (count < 0x10000) this.sized(0xdc, 2, count);
    else this.sized(0xdd, 4, count);
  }

  /**
   * Opens an array whose count is not known yet, always in three bytes, and gives its place for `setCount`.
   * Counts below 16 are shortened there.
   */
  openArray(): i32 {
    const at = this.length;
    this.sized(0xdc, 2, 0);
    return at;
  }

  /** Closes the array that was opened at `at`, in its shortest form. */
  setCount(at: i32, count: i32): void {
    const place = this.start + at;
    if (count < 16) {
      memory.copy(place + 1, place + 3, this.length - at - 3);
      this.length -= 2;
      store<u8>(place, 0x90 | count);
    } else {
      store<u16>(place, bswap<u16>(<u16>count), 1);
    }
  }

  /** Copies bytes as they are. */
  raw(place: usize, length: i32): void {
    this.reserve(length);
    memory.copy(this.start + this.length, place, length);
    this.length += length;
  }

  private byte(value: i32): void {
    this.reserve(1);
    store<u8>(this.start + this.length, value);
    this.length += 1;
  }

  private sized(head: i32, size: i32, value: u64): void {
    this.reserve(9);
    const place = this.start + this.length;
    store<u8>(place, head);
    // The highest byte first: shifted up so that eight bytes begin with it.
    store<u64>(place, bswap<u64>(value << (64 - 8 * size)), 1);
    this.length += 1 + size;
  }

  private reserve(size: i32): void {
    const needed = this.length + size;
    if (needed <= this.capacity) return;
    this.capacity = max(needed, 2 * this.capacity);
    this.start = heap.realloc(this.start, this.capacity);
  }
}
