/**
 * A small tactics game for two, on a board of 6 by 6: each side has a knight, an archer and a scout. In a turn, a
 * player moves one unit, or leaves it where it is, and may then strike an enemy within its range. Who has no unit
 * left has lost; after 60 turns nobody has won. Payloads are plain bytes, for a contract to read: unit, column, row,
 * and target, or 255 for none.
 */
import { Channel, Message, Outcome } from "../kit/channel";
import { MessagePackReader } from "../kit/message-pack-reader";
import { ACCEPTED, Reducer, run } from "../kit/reducer";
import { ColumnType, Rows, Table, Tables } from "../kit/tables";

export { abi_version, allocate, init, outcome, reduce, schema } from "../kit/reducer";

const UNITS: i32 = 6;
const SIDE_UNITS: i32 = 3;
const BOARD: i32 = 6;
const TURNS_MAX: i32 = 60;
const ORDER_BYTES: i32 = 4;
const NO_TARGET: i32 = 255;

/** Bytes of the parameters: the turn; column, row and hit points of each unit. Source: Tactics.sol. */
const PARAMETER_BYTES: i32 = 1 + 3 * UNITS;

/** By kind: a knight, an archer, a scout. */
const MOVEMENT: StaticArray<i32> = [2, 2, 4];
const RANGE: StaticArray<i32> = [1, 3, 1];
const DAMAGE: StaticArray<i32> = [2, 1, 1];
const HIT_POINTS: StaticArray<i32> = [5, 3, 3];

/** Columns at the beginning. The second player's units stand opposite. */
const COLUMNS: StaticArray<i32> = [2, 1, 4];

class Tactics extends Reducer {
  private units: Table = new Table("", 0);
  private game: Table = new Table("", 0);
  private turn: i32 = 0;
  private column: StaticArray<i32> = new StaticArray<i32>(UNITS);
  private row: StaticArray<i32> = new StaticArray<i32>(UNITS);
  private hitPoints: StaticArray<i32> = new StaticArray<i32>(UNITS);

  declareTables(tables: Tables): void {
    this.units = tables
      .add("units")
      .key("id", ColumnType.UINT)
      .column("owner", ColumnType.UINT)
      .column("kind", ColumnType.TEXT)
      .column("x", ColumnType.UINT)
      .column("y", ColumnType.UINT)
      .column("hp", ColumnType.UINT)
      .column("movement", ColumnType.UINT)
      .column("reach", ColumnType.UINT)
      .column("damage", ColumnType.UINT);
    this.game = tables
      .add("game")
      .key("id", ColumnType.UINT)
      .column("turn", ColumnType.UINT)
      .column("result", ColumnType.TEXT);
  }

  begin(channel: Channel, rows: Rows): void {
    if (channel.participants.length != 2) unreachable();
    const game = channel.parameters;
    if (game.length != PARAMETER_BYTES || game[0] != 0) unreachable();
    for (let unit = 0; unit < UNITS; unit += 1) {
      this.place(unit, rows);
      if (!this.isPlaced(unit, game)) unreachable();
    }
    this.tellGame(rows.insert(this.game));
  }

  take(message: Message, rows: Rows): string {
    const mover = this.mover();
    if (mover < 0) return "GameOver";
    if (message.sender != mover) return "NotYourTurn";
    if (!message.type.is("act")) return "UnknownMessage";
    return this.act(mover, message.payload, rows);
  }

  /** Before the first move nobody has lost; after it, who stays silent has. */
  settle(outcome: Outcome): void {
    const mover = this.mover();
    if (!this.lives(1)) outcome.payAll(0, -1);
    else if (!this.lives(0)) outcome.payAll(1, -1);
    else if (mover < 0 || this.turn == 0) outcome.payBack(mover);
    else outcome.payAll(1 - mover, mover);
  }

  private place(unit: i32, rows: Rows): void {
    const isFirst = sideOf(unit) == 0;
    const column = COLUMNS[unit % SIDE_UNITS];
    this.column[unit] = isFirst ? column : BOARD - 1 - column;
    this.row[unit] = isFirst ? 0 : BOARD - 1;
    this.hitPoints[unit] = HIT_POINTS[unit % SIDE_UNITS];
    this.tellUnit(rows.insert(this.units), unit);
  }

  /** There is one beginning: the parameters say what the twin keeps, and must be just that. */
  private isPlaced(unit: i32, game: Uint8Array): bool {
    const at = 1 + 3 * unit;
    const isThere = this.distance(unit, game[at], game[at + 1]) == 0;
    return isThere && <i32>game[at + 2] == this.hitPoints[unit];
  }

  private act(mover: i32, order: MessagePackReader, rows: Rows): string {
    if (order.left() != ORDER_BYTES) return "MalformedPayload";
    const unit = order.rawByte();
    const column = order.rawByte();
    const row = order.rawByte();
    const target = order.rawByte();
    if (sideOf(unit) != mover || this.hitPoints[unit] == 0) return "NotYourUnit";
    const code = this.moveRefusal(unit, column, row);
    if (code.length > 0) return code;
    if (target != NO_TARGET) {
      const refused = this.strikeRefusal(unit, target, column, row);
      if (refused.length > 0) return refused;
    }
    this.column[unit] = column;
    this.row[unit] = row;
    this.tellUnit(rows.update(this.units), unit);
    if (target != NO_TARGET) this.strike(unit, target, rows);
    this.turn += 1;
    this.tellGame(rows.update(this.game));
    return ACCEPTED;
  }

  private moveRefusal(unit: i32, column: i32, row: i32): string {
    if (column >= BOARD || row >= BOARD) return "OffBoard";
    if (this.distance(unit, column, row) > MOVEMENT[unit % SIDE_UNITS]) return "TooFar";
    for (let other = 0; other < UNITS; other += 1) {
      const isThere = other != unit && this.hitPoints[other] > 0;
      if (isThere && this.distance(other, column, row) == 0) return "Occupied";
    }
    return ACCEPTED;
  }

  /** It strikes from where it goes to. */
  private strikeRefusal(unit: i32, target: i32, column: i32, row: i32): string {
    const isEnemy = target < UNITS && sideOf(target) != sideOf(unit);
    if (!isEnemy || this.hitPoints[target] == 0) return "NoSuchTarget";
    const isNear = this.distance(target, column, row) <= RANGE[unit % SIDE_UNITS];
    return isNear ? ACCEPTED : "OutOfRange";
  }

  private strike(unit: i32, target: i32, rows: Rows): void {
    const damage = DAMAGE[unit % SIDE_UNITS];
    const left = this.hitPoints[target] - damage;
    this.hitPoints[target] = max<i32>(left, 0);
    this.tellUnit(rows.update(this.units), target);
  }

  private tellUnit(row: Rows, unit: i32): void {
    const kind = unit % SIDE_UNITS;
    row
      .uint(unit)
      .uint(sideOf(unit))
      .text(kind == 0 ? "knight" : kind == 1 ? "archer" : "scout")
      .uint(this.column[unit])
      .uint(this.row[unit])
      .uint(this.hitPoints[unit])
      .uint(MOVEMENT[kind])
      .uint(RANGE[kind])
      .uint(DAMAGE[kind]);
  }

  private tellGame(row: Rows): void {
    row.uint(0).uint(this.turn).text(this.result());
  }

  private result(): string {
    if (!this.lives(1)) return "first";
    if (!this.lives(0)) return "second";
    return this.turn == TURNS_MAX ? "draw" : "";
  }

  private mover(): i32 {
    const isOver = this.turn == TURNS_MAX || !this.lives(0) || !this.lives(1);
    return isOver ? -1 : this.turn % 2;
  }

  private lives(side: i32): bool {
    for (let unit = side * SIDE_UNITS; unit < (side + 1) * SIDE_UNITS; unit += 1) {
      if (this.hitPoints[unit] > 0) return true;
    }
    return false;
  }

  private distance(unit: i32, column: i32, row: i32): i32 {
    return between(this.column[unit], column) + between(this.row[unit], row);
  }
}

function between(one: i32, other: i32): i32 {
  return one > other ? one - other : other - one;
}

function sideOf(unit: i32): i32 {
  return unit / SIDE_UNITS;
}

run(new Tactics());
