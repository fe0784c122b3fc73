/** A counter: everybody adds to their own number, and all get back what they brought. The smallest reducer. */

import { Channel, Message, Outcome } from "../kit/channel";
import { ACCEPTED, Reducer, run } from "../kit/reducer";
import { ColumnType, Rows, Table, Tables } from "../kit/tables";

export { abi_version, allocate, init, outcome, reduce, schema } from "../kit/reducer";

/** Added at once, at most. */
const AMOUNT_MAX: u64 = 1000;

class Counter extends Reducer {
  private counts: Table = new Table("counts", 0);
  private totals: u64[] = [];
  private nextMover: i32 = 0;

  declareTables(tables: Tables): void {
    this.counts = tables
      .add("counts")
      .key("participant", ColumnType.UINT)
      .column("total", ColumnType.UINT);
  }

  begin(channel: Channel, rows: Rows): void {
    for (let index = 0; index < channel.participants.length; index += 1) {
      this.totals.push(0);
      rows.insert(this.counts).uint(index).uint(0);
    }
  }

  take(message: Message, rows: Rows): string {
    if (!message.type.is("add")) return "UnknownMessage";
    const amount = message.payload.uint();
    if (!message.payload.isDone()) return "MalformedPayload";
    if (amount > AMOUNT_MAX) return "TooMuch";
    const sender = message.sender;
    this.totals[sender] += amount;
    rows.update(this.counts).uint(sender).uint(this.totals[sender]);
    this.nextMover = (sender + 1) % this.totals.length;
    return ACCEPTED;
  }

  settle(outcome: Outcome): void {
    outcome.payBack(this.nextMover);
  }
}

run(new Counter());
