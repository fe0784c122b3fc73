/** The schemas of a node's tables: what is written is read again, whatever a node has been through. */
import { describe, expect } from "bun:test";
import { invariant, unit } from "../../test/kind.ts";
import { foldedState, logOf, toldEvents } from "../../test/told-log.ts";
import type { Address } from "../crypto/address.ts";
import { decode, encode } from "../primitives/schema.ts";
import { type TrackedTable, tableList } from "../store/snapshot-table.ts";
import { evolveNode } from "./evolve-node.ts";
import { nodeTables } from "./node-schema.ts";
import {
  createTrackedState,
  NEW_PEER,
  type NodeState,
  type OpenTransaction,
  type Resync,
} from "./node-state.ts";

const STORY_EVENTS = 3_000;

describe("nodeTables", () => {
  invariant("give back every entity that a busy node ever had", () => {
    const state = createTrackedState();
    const seen = new Set<string>();
    for (const event of toldEvents(STORY_EVENTS)) {
      evolveNode(state, event);
      for (const { name, schema } of tableList(nodeTables)) {
        const table = state[name as keyof NodeState] as TrackedTable<string, unknown>;
        for (const key of table.takeTouched()) {
          const value = table.get(key);
          if (value === undefined) continue;
          const read = decode(schema, encode(schema, value));
          expect({ key, read }).toEqual({ key, read: { ok: true, value } });
          seen.add(name);
        }
      }
    }

    expect([...seen].sort()).toEqual(Object.keys(nodeTables).sort());
  });

  unit("give back how far a node is with taking back what it lost", () => {
    const all: readonly Resync[] = [
      { type: "None" },
      { type: "Owed", missingMax: 3 },
      { type: "Asked", missingMax: 3, round: 7 },
    ];
    const { schema } = nodeTables.peers;
    for (const resync of all) {
      const value = { ...NEW_PEER, lastSent: 9, resync };
      expect(decode(schema, encode(schema, value))).toEqual({ ok: true, value });
    }
  });

  unit("give back every call to a contract", () => {
    const channelId = `0x${"01".repeat(32)}` as OpenTransaction["channelId"];
    const asset = `0x${"02".repeat(20)}` as Address;
    const variablePart = { outcome: [], appData: "0x", turnNum: 7, isFinal: true } as const;
    const fixedPart = {
      participants: [asset],
      channelNonce: 1n,
      appDefinition: asset,
      challengeDurationSec: 60,
    };
    const calls: readonly OpenTransaction["call"][] = [
      { type: "Deposit", channelId, asset, expectedHeld: 1n, amount: 2n ** 255n },
      { type: "ApproveToken", channelId, asset, amount: 0n },
      {
        type: "ConcludeAndTransferAllAssets",
        channelId,
        fixedPart,
        variablePart,
        signatures: [],
      },
    ];
    const { schema } = nodeTables.transactions;
    for (const call of calls) {
      const value: OpenTransaction = {
        effectId: "effect" as OpenTransaction["effectId"],
        objectiveId: "objective" as OpenTransaction["objectiveId"],
        channelId,
        call,
        raw: "0x0102",
        transactionHash: `0x${"03".repeat(32)}`,
        earlier: [`0x${"04".repeat(32)}`],
      };
      expect(decode(schema, encode(schema, value))).toEqual({ ok: true, value });
    }
  });

  unit("count as settled only updates that are over", () => {
    const { isSettled = () => false } = nodeTables.objectives;
    const [...objectives] = foldedState(logOf(toldEvents(600)), 600).objectives.values();
    const settled = objectives.filter(isSettled);

    expect(settled.length).toBeGreaterThan(3);
    expect(settled.every(({ goal }) => goal.type === "Update")).toBe(true);
    expect(settled.some(({ status }) => status === "Approved")).toBe(false);
    expect(objectives.some(({ status }) => status === "Completed")).toBe(true);
  });
});
