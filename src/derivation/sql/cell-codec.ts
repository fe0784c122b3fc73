/** Cells as canonical MessagePack, as reducers put them out. Source: docs/REDUCER-ABI.md. */
import type { Hex } from "../../primitives/hex.ts";
import {
  type Reader,
  readBigUint,
  readBoolean,
  readHex,
  readText,
} from "../../primitives/message-pack-reader.ts";
import {
  type Writer,
  writeBigUint,
  writeBoolean,
  writeHex,
  writeText,
} from "../../primitives/message-pack-writer.ts";
import type { Cell, ColumnType } from "../sandbox/table-schema.ts";

/** Writes and reads the cells of one type. */
export type CellCodec = {
  readonly write: (writer: Writer, cell: Cell) => void;
  readonly read: (reader: Reader) => Cell;
};

/** Bytes of one text or `bytes` cell. */
const CELL_BYTES_MAX = 65_536;

/** By the type of the column. */
export const CELL_CODEC: Readonly<Record<ColumnType, CellCodec>> = {
  uint: { write: writeInteger, read: (reader) => readBigUint(reader, 8) },
  amount: { write: writeInteger, read: (reader) => readBigUint(reader, 32) },
  text: {
    write: (writer, cell) => {
      writeText(writer, cell as string);
    },
    read: (reader) => readText(reader, CELL_BYTES_MAX),
  },
  bytes: {
    write: (writer, cell) => writeHex(writer, cell as Hex),
    read: (reader) => readHex(reader, CELL_BYTES_MAX),
  },
  bool: { write: (writer, cell) => writeBoolean(writer, cell as boolean), read: readBoolean },
};

function writeInteger(writer: Writer, cell: Cell): void {
  writeBigUint(writer, cell as bigint);
}
