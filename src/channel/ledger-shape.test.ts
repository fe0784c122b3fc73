/** Tests of what a ledger outcome looks like, fault by fault. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import { type Address, ZERO_ADDRESS } from "../crypto/address.ts";
import type { Hex } from "../primitives/hex.ts";
import type { Destination } from "./destination.ts";
import { encodeGuarantee } from "./guarantee.ts";
import { isLedgerOutcome } from "./ledger-shape.ts";
import type { Allocation, Outcome } from "./outcome.ts";

const party = (digit: string): Destination => `0x${digit.repeat(64)}` as Destination;
const [LEADER, FOLLOWER, TARGET, STRANGER] = ["1", "2", "9", "7"].map(party) as [
  Destination,
  Destination,
  Destination,
  Destination,
];
const simple = (destination: Destination): Allocation => ({
  destination,
  amount: 1n,
  allocationType: 0,
  metadata: "0x",
});
const guarantee: Allocation = {
  destination: TARGET,
  amount: 1n,
  allocationType: 2,
  metadata: encodeGuarantee({ left: LEADER, right: FOLLOWER }),
};
const earlier: Allocation = { ...guarantee, destination: party("8") };
const guaranteeAt = (index: number): Allocation => ({
  ...guarantee,
  destination: `0x${index.toString(16).padStart(64, "9")}` as Destination,
});
const of = (allocations: readonly Allocation[], asset: Address = ZERO_ADDRESS): Outcome => [
  { asset, assetMetadata: { assetType: 0, metadata: "0x" }, allocations },
];
const [leader, follower] = [simple(LEADER), simple(FOLLOWER)];
const opening = of([leader, follower]);
const short: Allocation = { ...guarantee, metadata: "0x00" };
const other = `0x${"c0".repeat(20)}` as Hex as Address;

describe("isLedgerOutcome", () => {
  const good: readonly (readonly [string, Outcome])[] = [
    ["its opening", opening],
    ["guarantees first", of([guarantee, leader, follower])],
    ["two guarantees in order", of([earlier, guarantee, leader, follower])],
    ["a top-up last", of([guarantee, leader, follower, simple(FOLLOWER)])],
  ];
  for (const [what, outcome] of good) {
    unit(`knows ${what}`, () => {
      expect(isLedgerOutcome("enforceable", opening, outcome)).toBe(true);
    });
  }

  const bad: readonly (readonly [string, Outcome])[] = [
    ["no asset", []],
    ["another asset", of([leader, follower], other)],
    ["an asset more", [...opening, ...of([leader, follower], other)]],
    ["guarantees alone", of([guarantee, guarantee])],
    ["one balance", of([leader])],
    ["balances the other way round", of([follower, leader])],
    ["a stranger's balance", of([leader, simple(STRANGER)])],
    ["a guarantee between the balances", of([leader, guarantee, follower])],
    ["a guarantee behind the balances", of([leader, follower, guarantee])],
    ["guarantees out of order", of([guarantee, earlier, leader, follower])],
    ["a guarantee twice", of([guarantee, guarantee, leader, follower])],
    ["a guarantee for nobody", of([short, leader, follower])],
    ["a stranger's top-up", of([leader, follower, simple(STRANGER)])],
    ["two top-ups", of([leader, follower, leader, leader])],
    [
      "too many guarantees",
      of([...Array.from({ length: 101 }, (_, index) => guaranteeAt(index)), leader, follower]),
    ],
  ];
  for (const [what, outcome] of bad) {
    unit(`refuses ${what}`, () => {
      expect(isLedgerOutcome("enforceable", opening, outcome)).toBe(false);
    });
  }

  unit("has guarantees behind the balances, and no top-up, where go-nitro's nodes read it", () => {
    const theirs = { ...guarantee, allocationType: 1 };
    expect(isLedgerOutcome("go-nitro", opening, of([leader, follower, theirs]))).toBe(true);
    expect(isLedgerOutcome("go-nitro", opening, of([theirs, leader, follower]))).toBe(false);
    expect(isLedgerOutcome("go-nitro", opening, of([leader, follower, leader]))).toBe(false);
  });
});
