/** Amounts of money: integers from 0 to 2^256 - 1. Arithmetic that leaves them stops the message. AssemblyScript. */
import { MessagePackWriter } from "./message-pack-writer";

export class Amount {
  /** 64 bits each, the lowest first. */
  a: u64 = 0;
  b: u64 = 0;
  c: u64 = 0;
  d: u64 = 0;

  static from(value: u64): Amount {
    const amount = new Amount();
    amount.a = value;
    return amount;
  }

  isZero(): bool {
    return (this.a | this.b | this.c | this.d) == 0;
  }

  /** Below zero, zero or above it, as this is less than, equal to or more than `other`. */
  compare(other: Amount): i32 {
    if (this.d != other.d) return this.d < other.d ? -1 : 1;
    if (this.c != other.c) return this.c < other.c ? -1 : 1;
    if (this.b != other.b) return this.b < other.b ? -1 : 1;
    if (this.a != other.a) return this.a < other.a ? -1 : 1;
    return 0;
  }

  plus(other: Amount): Amount {
    const sum = new Amount();
    sum.a = this.a + other.a;
    let carry: u64 = sum.a < this.a ? 1 : 0;
    sum.b = this.b + other.b + carry;
    carry = sum.b < this.b || (carry != 0 && sum.b == this.b) ? 1 : 0;
    sum.c = this.c + other.c + carry;
    carry = sum.c < this.c || (carry != 0 && sum.c == this.c) ? 1 : 0;
    sum.d = this.d + other.d + carry;
    if (sum.d < this.d || (carry != 0 && sum.d == this.d)) unreachable();
    return sum;
  }

  minus(other: Amount): Amount {
    const rest = new Amount();
    rest.a = this.a - other.a;
    let borrow: u64 = this.a < other.a ? 1 : 0;
    rest.b = this.b - other.b - borrow;
    borrow = this.b < other.b || (borrow != 0 && this.b == other.b) ? 1 : 0;
    rest.c = this.c - other.c - borrow;
    borrow = this.c < other.c || (borrow != 0 && this.c == other.c) ? 1 : 0;
    rest.d = this.d - other.d - borrow;
    if (this.d < other.d || (borrow != 0 && this.d == other.d)) unreachable();
    return rest;
  }

  /** Moves everything up by a byte, and puts one in below. */
  shiftIn(byte: u8): void {
    this.d = (this.d << 8) | (this.c >> 56);
    this.c = (this.c << 8) | (this.b >> 56);
    this.b = (this.b << 8) | (this.a >> 56);
    this.a = (this.a << 8) | byte;
  }

  /** Writes it in its shortest form. */
  write(to: MessagePackWriter): void {
    if ((this.b | this.c | this.d) == 0) {
      to.uint(this.a);
      return;
    }
    const place = changetype<usize>(BIG_ENDIAN);
    store<u64>(place, bswap<u64>(this.d));
    store<u64>(place, bswap<u64>(this.c), 8);
    store<u64>(place, bswap<u64>(this.b), 16);
    store<u64>(place, bswap<u64>(this.a), 24);
    let zeros = 0;
    while (load<u8>(place + zeros) == 0) zeros += 1;
    to.bytesAt(place + zeros, 32 - zeros);
  }
}

/** An amount as it is written, with zeros in front. */
const BIG_ENDIAN: StaticArray<u8> = new StaticArray<u8>(32);
