/** Tables that a reducer declares, and the rows that it changes. AssemblyScript. */
import { Amount } from "./amount";
import { MessagePackWriter } from "./message-pack-writer";

/** Types of columns, by their numbers in the ABI. */
export namespace ColumnType {
  export const UINT: i32 = 1;
  export const AMOUNT: i32 = 2;
  export const TEXT: i32 = 3;
  export const BYTES: i32 = 4;
  export const BOOL: i32 = 5;
}

class Column {
  constructor(
    public name: string,
    public type: i32,
    public isKey: bool,
  ) {}
}

/** A table. Declare its columns in the order in which rows give their values. */
export class Table {
  private columns: Column[] = [];

  constructor(
    private name: string,
    readonly index: i32,
  ) {}

  /** A column of the key: all of them together name a row. */
  key(name: string, type: i32): this {
    this.columns.push(new Column(name, type, true));
    return this;
  }

  column(name: string, type: i32): this {
    this.columns.push(new Column(name, type, false));
    return this;
  }

  columnCount(): i32 {
    return this.columns.length;
  }

  keyCount(): i32 {
    let count = 0;
    for (let index = 0; index < this.columns.length; index += 1) {
      if (this.columns[index].isKey) count += 1;
    }
    return count;
  }

  write(to: MessagePackWriter): void {
    to.array(2);
    to.text(this.name);
    to.array(this.columns.length);
    for (let index = 0; index < this.columns.length; index += 1) {
      const column = this.columns[index];
      to.array(3);
      to.text(column.name);
      to.uint(column.type);
      to.bool(column.isKey);
    }
  }
}

/** All tables, in the order in which they were added. */
export class Tables {
  private all: Table[] = [];

  add(name: string): Table {
    const table = new Table(name, this.all.length);
    this.all.push(table);
    return table;
  }

  write(to: MessagePackWriter): void {
    to.array(this.all.length);
    for (let index = 0; index < this.all.length; index += 1) this.all[index].write(to);
  }
}

/** The row changes of one message. After `insert`, `update` or `remove`, give the values in the columns' order. */
export class Rows {
  private count: i32 = 0;
  private counted: i32 = 0;

  constructor(private to: MessagePackWriter) {}

  /** Begins an accepted answer. For the kit. */
  open(): void {
    this.to.reset();
    this.to.array(2);
    this.to.uint(1);
    this.counted = this.to.openArray();
    this.count = 0;
  }

  /** Ends it. For the kit. */
  close(): void {
    this.to.setCount(this.counted, this.count);
  }

  insert(table: Table): this {
    return this.change(0, table.index, table.columnCount());
  }

  update(table: Table): this {
    return this.change(1, table.index, table.columnCount());
  }

  /** Give the values of the key only. */
  remove(table: Table): this {
    return this.change(2, table.index, table.keyCount());
  }

  uint(value: u64): this {
    this.to.uint(value);
    return this;
  }

  amount(value: Amount): this {
    value.write(this.to);
    return this;
  }

  text(value: string): this {
    this.to.text(value);
    return this;
  }

  bytes(value: Uint8Array): this {
    this.to.bytes(value);
    return this;
  }

  bool(value: bool): this {
    this.to.bool(value);
    return this;
  }

  private change(kind: i32, table: i32, values: i32): this {
    this.count += 1;
    this.to.array(3);
    this.to.uint(kind);
    this.to.uint(table);
    this.to.array(values);
    return this;
  }
}
