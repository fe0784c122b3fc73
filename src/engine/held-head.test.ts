/** What counts as a head of this node's log. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import type { RecordHash } from "../events/record.ts";
import { NodeError } from "../primitives/node-error.ts";
import { isInLog } from "./held-head.ts";

const HASH = `0x${"4d".repeat(32)}` as RecordHash;
const OTHER = `0x${"5e".repeat(32)}` as RecordHash;

/** A log of three records. */
const log = {
  hashAt: async (length: number): Promise<RecordHash | undefined> =>
    length > 3 ? undefined : HASH,
};

const failing = (code: NodeError["code"]): typeof log => ({
  hashAt: async () => {
    throw new NodeError(code, "it cannot be read");
  },
});

describe("isInLog", () => {
  unit("is true for a head that the log had, and where none is held", async () => {
    expect(await isInLog(log, { length: 3, hash: HASH })).toBe(true);
    expect(await isInLog(log, undefined)).toBe(true);
  });

  unit("is false for a longer log, and for another record at that place", async () => {
    expect(await isInLog(log, { length: 4, hash: HASH })).toBe(false);
    expect(await isInLog(log, { length: 2, hash: OTHER })).toBe(false);
  });

  unit("is true where the record is in an archive that is not here", async () => {
    expect(await isInLog(failing("ArchiveMissing"), { length: 1, hash: HASH })).toBe(true);
  });

  unit("is no answer where the disk fails", async () => {
    const asked = isInLog(failing("DiskFailed"), { length: 1, hash: HASH });

    await expect(asked).rejects.toThrow("it cannot be read");
  });
});
