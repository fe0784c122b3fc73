/** How a channel begins, its messages, and its outcome. AssemblyScript. */
import { Amount } from "./amount";
import { MessagePackReader, Word } from "./message-pack-reader";
import { MessagePackWriter } from "./message-pack-writer";

/** What everybody brings in, of one asset. */
export class Stake {
  constructor(
    readonly asset: Uint8Array,
    readonly amounts: Amount[],
  ) {}

  total(): Amount {
    let total = new Amount();
    for (let index = 0; index < this.amounts.length; index += 1) {
      total = total.plus(this.amounts[index]);
    }
    return total;
  }
}

/** The beginning. */
export class Channel {
  id: Uint8Array = new Uint8Array(0);
  readonly participants: Uint8Array[] = [];
  readonly stakes: Stake[] = [];
  challengeDurationSec: u64 = 0;
  parameters: Uint8Array = new Uint8Array(0);

  constructor(input: MessagePackReader) {
    input.expectArray(5);
    this.id = input.bytes(32);
    const count = input.array();
    for (let index = 0; index < count; index += 1) this.participants.push(input.bytes(20));
    const assets = input.array();
    for (let index = 0; index < assets; index += 1) {
      input.expectArray(2);
      const asset = input.bytes(20);
      const amounts: Amount[] = [];
      const shares = input.array();
      for (let share = 0; share < shares; share += 1) amounts.push(input.amount());
      this.stakes.push(new Stake(asset, amounts));
    }
    this.challengeDurationSec = input.uint();
    this.parameters = input.bytes(16384);
    if (!input.isDone()) unreachable();
  }
}

/** A message. Its payload comes from a stranger: read it, then ask `payload.isDone()`. */
export class Message {
  turn: u64 = 0;
  sender: i32 = 0;
  /** Ask `type.is("move")`. */
  type: Word = new Word();
  timeMs: u64 = 0;
  payload: MessagePackReader = new MessagePackReader(0, 0);

  read(input: MessagePackReader): void {
    input.expectArray(5);
    this.turn = input.uint();
    this.sender = <i32>input.uint();
    input.passWord(this.type);
    input.passInner(this.payload);
    this.timeMs = input.uint();
    if (!input.isDone()) unreachable();
  }
}

/** Who gets what if the next mover stays silent. */
export class Outcome {
  constructor(
    private to: MessagePackWriter,
    private channel: Channel,
  ) {}

  /** Everybody gets back what they brought; `nextMover` is below zero when it is over. */
  payBack(nextMover: i32): void {
    this.pay(-1, nextMover);
  }

  /** One gets everything. */
  payAll(winner: i32, nextMover: i32): void {
    this.pay(winner, nextMover);
  }

  private pay(winner: i32, nextMover: i32): void {
    const stakes = this.channel.stakes;
    this.to.reset();
    this.to.array(2);
    this.to.array(stakes.length);
    for (let index = 0; index < stakes.length; index += 1) this.share(stakes[index], winner);
    if (nextMover < 0) this.to.nil();
    else this.to.uint(nextMover);
  }

  private share(stake: Stake, winner: i32): void {
    const count = stake.amounts.length;
    this.to.array(count);
    for (let index = 0; index < count; index += 1) {
      if (winner < 0) stake.amounts[index].write(this.to);
      else if (index == winner) stake.total().write(this.to);
      else this.to.uint(0);
    }
  }
}
