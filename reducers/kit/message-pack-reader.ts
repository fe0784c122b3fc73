/**
 * Reads MessagePack. What cannot be read sets `failed`, after which every value is zero or empty: read all that you
 * expect, then ask `isDone`. AssemblyScript.
 */
import { Amount } from "./amount";

/** A text that still lies in the input: valid until the next message. */
export class Word {
  place: usize = 0;
  length: i32 = 0;

  /** True when it is `text`, which has only characters of ASCII. */
  is(text: string): bool {
    const length = text.length;
    if (length != this.length) return false;
    const characters = changetype<usize>(text);
    for (let index = 0; index < length; index += 1) {
      if (load<u16>(characters + 2 * index) != load<u8>(this.place + index)) return false;
    }
    return true;
  }
}

export class MessagePackReader {
  /** True once something was not as it was asked for. */
  failed: bool = false;

  constructor(
    private place: usize,
    private end: usize,
  ) {}

  /** True when everything was as it was asked for, and nothing is left. */
  isDone(): bool {
    return !this.failed && this.place == this.end;
  }

  bool(): bool {
    const head = this.byte();
    if (head == 0xc3) return true;
    if (head != 0xc2) this.failed = true;
    return false;
  }

  uint(): u64 {
    const head = this.byte();
    if (head < 0x80) return head;
    if (head < 0xcc || head > 0xcf) {
      this.failed = true;
      return 0;
    }
    const size = 1 << (head - 0xcc);
    const value = this.big(size);
    // The shortest form is the only one, so that two texts never mean the same move.
    if (size == 1 ? value < 0x80 : value >> (4 * size) == 0) this.failed = true;
    return this.failed ? 0 : value;
  }

  /** An integer up to 2^256 - 1. */
  amount(): Amount {
    if (this.place < this.end && load<u8>(this.place) != 0xc4) return Amount.from(this.uint());
    const size = this.bytesLength();
    const amount = new Amount();
    if (size < 9 || size > 32 || !this.has(size) || load<u8>(this.place) == 0) {
      this.failed = true;
      return amount;
    }
    for (let index = 0; index < size; index += 1) amount.shiftIn(load<u8>(this.place + index));
    this.place += size;
    return amount;
  }

  /** A copy of bytes, at most `max`. */
  bytes(max: i32): Uint8Array {
    const length = this.bytesLength();
    if (length > max || !this.has(length)) {
      this.failed = true;
      return new Uint8Array(0);
    }
    const copy = new Uint8Array(length);
    memory.copy(copy.dataStart, this.place, length);
    this.place += length;
    return copy;
  }

  /** Points `inner` at bytes that hold values themselves. */
  passInner(inner: MessagePackReader): void {
    const length = this.bytesLength();
    inner.aim(this.place, this.pass(length));
  }

  text(): string {
    const length = this.textLength();
    const place = this.place;
    this.pass(length);
    return this.failed ? "" : String.UTF8.decodeUnsafe(place, length);
  }

  /** Points `word` at a text, which is compared without being copied. */
  passWord(word: Word): void {
    const length = this.textLength();
    word.place = this.place;
    word.length = <i32>(this.pass(length) - word.place);
  }

  /** Goes on elsewhere. */
  aim(place: usize, end: usize): void {
    this.place = place;
    this.end = end;
    this.failed = false;
  }

  /** Opens an array and gives its count. */
  array(): i32 {
    const head = this.byte();
    if ((head & 0xf0) == 0x90) return head & 0x0f;
    if (head == 0xdc) return <i32>this.big(2);
    if (head == 0xdd) return <i32>this.big(4);
    this.failed = true;
    return 0;
  }

  /** Opens an array that has to have `count` values. */
  expectArray(count: i32): void {
    if (this.array() != count) this.failed = true;
  }

  /** Bytes that are left: for payloads that are plain bytes and not MessagePack. */
  left(): i32 {
    return <i32>(this.end - this.place);
  }

  /** The next byte as it is. */
  rawByte(): i32 {
    return this.byte();
  }

  /** A copy of the next bytes as they are. */
  raw(length: i32): Uint8Array {
    const place = this.place;
    this.pass(length);
    const copy = new Uint8Array(this.failed ? 0 : length);
    memory.copy(copy.dataStart, place, copy.length);
    return copy;
  }

  private pass(length: i32): usize {
    if (!this.has(length)) this.failed = true;
    else this.place += length;
    return this.place;
  }

  private textLength(): i32 {
    const head = this.byte();
    if ((head & 0xe0) == 0xa0) return head & 0x1f;
    if (head >= 0xd9 && head <= 0xdb) return <i32>this.big(1 << (head - 0xd9));
    this.failed = true;
    return 0;
  }

  private bytesLength(): i32 {
    const head = this.byte();
    if (head < 0xc4 || head > 0xc6) {
      this.failed = true;
      return 0;
    }
    return <i32>this.big(1 << (head - 0xc4));
  }

  private byte(): i32 {
    if (!this.has(1)) {
      this.failed = true;
      return 0xc0;
    }
    const value = load<u8>(this.place);
    this.place += 1;
    return value;
  }

  private big(size: i32): u64 {
    let value: u64 = 0;
    if (!this.has(size)) {
      this.failed = true;
      return 0;
    }
    for (let index = 0; index < size; index += 1)
      value = (value << 8) | load<u8>(this.place + index);
    this.place += size;
    return value;
  }

  private has(size: i32): bool {
    return !this.failed && size >= 0 && <usize>size <= this.end - this.place;
  }
}
