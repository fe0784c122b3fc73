/** What a life knows of the logs that earlier ones were told. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import { repeated } from "../../test/sample-messages.ts";
import type { ToldLog } from "../chain/chain-news.ts";
import { LATE_BLOCKS_MAX } from "../chain/suspect-blocks.ts";
import type { Hash } from "../crypto/signature.ts";
import { chainStart, TOLD_LOGS_MAX, withToldLog } from "./chain-start.ts";
import { NO_FACTS } from "./node-state.ts";

const logAt = (blockNumber: number, logIndex: number): ToldLog => ({
  blockNumber,
  blockHash: repeated("b0", 32) as Hash,
  logIndex,
});

const told = (...logs: readonly ToldLog[]): readonly ToldLog[] =>
  logs.reduce<readonly ToldLog[]>(withToldLog, []);

const startWith = (toldLogs: readonly ToldLog[], blockNumber: number) =>
  chainStart({ ...NO_FACTS, cursor: { blockNumber, logIndex: 0 }, toldLogs }, () => false);

describe("a node's told logs", () => {
  unit("hold each log once, of as many blocks as a log may be late by", () => {
    const last = 1 + LATE_BLOCKS_MAX;
    const logs = told(logAt(1, 4), logAt(2, 0), logAt(2, 0), logAt(last, 3));
    expect(logs).toEqual([logAt(2, 0), logAt(last, 3)]);
  });

  unit("hold the newest where there are many", () => {
    const logs = told(...Array.from({ length: TOLD_LOGS_MAX + 1 }, (_, index) => logAt(9, index)));
    expect([logs.length, logs[0]?.logIndex]).toEqual([TOLD_LOGS_MAX, 1]);
  });
});

describe("a new life", () => {
  unit("knows the logs of the newest blocks, the one that it reads again among them", () => {
    const start = startWith([logAt(99, 0)], 100);
    expect(start.scannedTo).toBe(99);
    expect(start.told).toEqual({ from: 37, to: 100, places: [logAt(99, 0)] });
  });

  unit("looks for late logs in no block of which it may have forgotten some", () => {
    const logs = Array.from({ length: TOLD_LOGS_MAX }, (_, index) => logAt(98, index));
    expect(startWith(logs, 100).told?.from).toBe(99);
  });

  unit("knows nothing where all is to be read again", () => {
    expect(chainStart(NO_FACTS, () => true).told).toBeUndefined();
  });
});
