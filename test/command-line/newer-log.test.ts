/** A log that a newer program went on with is no damage: each command says so, and ends with 2. */
import { describe, expect } from "bun:test";
import { join } from "node:path";
import { createMemoryDisk } from "../../src/adapters/memory-disk.ts";
import { sha256 } from "../../src/crypto/sha256.ts";
import { nodeCodec } from "../../src/events/node-codec.ts";
import { keepLog } from "../../src/node/kept-log.ts";
import { concatBytes } from "../../src/primitives/bytes.ts";
import { readContents } from "../../src/store/disk-contents.ts";
import { EventStore } from "../../src/store/event-store.ts";
import { adversarial } from "../kind.ts";
import { replaceRecords, storedRecords } from "../log-tampering.ts";
import { toldEvents } from "../told-log.ts";
import { tellLog } from "./fake-shell.ts";
import { inPlace } from "./program.ts";

const LENGTH = 20;

/** The event that only a newer program knows. */
const UNKNOWN_AT = 12;

/** A number that no event has. */
const UNKNOWN_NUMBER = 0x7d;

/** Bytes of a record's hash, and of what stands before its event number: the list, and a small offset. */
const HASH_BYTES = 32;
const NUMBER_AT = HASH_BYTES + 2;

/** Writes a log to `directory` whose chain is whole, with an event of a number that is not known yet. */
async function keepNewer(directory: string, change: (stored: Uint8Array) => void): Promise<void> {
  const disk = createMemoryDisk();
  const store = await EventStore.open({ disk, codec: nodeCodec, logId: new Uint8Array(16) });
  await store.append(toldEvents(LENGTH), 0, 1);
  await store.checkpoint();
  const records = await storedRecords(disk);
  const stored = records[UNKNOWN_AT]?.slice() ?? new Uint8Array();
  const before = records[UNKNOWN_AT - 1]?.slice(0, HASH_BYTES) ?? new Uint8Array();
  change(stored);
  stored.set(sha256(concatBytes(before, stored.subarray(HASH_BYTES))));
  await replaceRecords(disk, [...records.slice(0, UNKNOWN_AT), stored]);
  await keepLog(directory, await readContents({ ...disk }));
}

const setNumber = (stored: Uint8Array): void => {
  stored[NUMBER_AT] = UNKNOWN_NUMBER;
};

const setVersion = (stored: Uint8Array): void => {
  stored[NUMBER_AT + 1] = 9;
};

describe("channels log, of a newer program's log", () => {
  adversarial(
    "ends with 2 and names the event, whether its number or its version is new",
    async () => {
      await inPlace(async ({ cwd, run }) => {
        for (const [name, change] of Object.entries({ setNumber, setVersion })) {
          const directory = join(cwd, name);
          await keepNewer(directory, change);
          const verified = await tellLog(["verify", directory]);
          const json = await tellLog(["verify", directory, "--json"]);

          expect([verified.exitCode, json.exitCode]).toEqual([2, 2]);
          expect(verified.out).toContain(`UnknownEvent at offset ${UNKNOWN_AT}: a newer program`);
          expect(verified.out).toContain("TOO NEW  a newer program wrote this: the first 12 ");
          expect(JSON.parse(json.out)).toMatchObject({ held: false, verdict: "TooNew" });
          for (const [command, ...rest] of [["show"], ["at", "end"], ["diff", "0", "end"]]) {
            const { error } = await tellLog([command ?? "", directory, ...rest]);
            expect(error).toMatchObject({ code: "LogTooNew" });
          }
        }
        const { exitCode, stderr } = await run("log", "export", "setNumber");
        expect(exitCode).toBe(2);
        expect(stderr).toContain(`the event at offset ${UNKNOWN_AT} is of a newer program`);
      });
    },
    120_000,
  );
});
