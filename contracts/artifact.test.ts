/** Tests that the checked-in artifacts are those of the sources. The build compares the bytes themselves. */
import { describe, expect } from "bun:test";
import adjudicator from "@statechannels/nitro-protocol/dist/artifacts/contracts/NitroAdjudicator.sol/NitroAdjudicator.json" with {
  type: "json",
};
import { toFunctionSelector } from "viem";
import { adversarial, golden, unit } from "../test/kind.ts";
import { COMPILER, sourceHash } from "./artifact.ts";
import { artifactPath } from "./build.ts";
import { CHECKED_PAYOUT, CONTRACTS, readSources } from "./build-sources.ts";
import { HARDENED_ADJUDICATOR } from "./hardened-adjudicator.ts";
import { PAYMENT_APP } from "./payment-app.ts";
import { TEST_TOKEN } from "./test-token.ts";

describe("sourceHash", () => {
  golden("is that of each checked-in artifact, so the artifacts are up to date", async () => {
    for (const contract of CONTRACTS) {
      const artifact = await Bun.file(artifactPath(contract)).json();
      const texts = await readSources(contract);
      expect(artifact.sourceHash).toBe(sourceHash([...texts.values()], contract.compiler));
      expect(artifact.compiler).toEqual(contract.compiler);
    }
  });

  unit("changes with each source and with the settings", () => {
    const other = { ...COMPILER, evmVersion: "paris" };
    const hash = sourceHash(["a", "b"], COMPILER);

    expect(sourceHash(["a", "b "], COMPILER)).not.toBe(hash);
    expect(sourceHash(["ab"], COMPILER)).not.toBe(hash);
    expect(sourceHash(["a", "b"], other)).not.toBe(hash);
  });
});

describe("readSources", () => {
  const withChange = (published: string): ReturnType<typeof readSources> => {
    const change = { ...CHECKED_PAYOUT, published };
    return readSources({ path: "HardenedAdjudicator.sol", compiler: COMPILER, change });
  };

  unit("changes one word of one published file, and nothing else", async () => {
    const changed = await withChange(CHECKED_PAYOUT.published);

    const path = "@statechannels/nitro-protocol/contracts/NitroAdjudicator.sol";
    const published = await readSources({ path, compiler: COMPILER, change: undefined });
    const differing = [...published].filter(([name, was]) => changed.get(name) !== was);
    expect(differing.map(([name]) => name)).toEqual([CHECKED_PAYOUT.path]);
    const text = changed.get(CHECKED_PAYOUT.path) ?? "";
    expect(text.replace("safeTransfer(destination", "transfer(destination")).toBe(
      differing[0]?.[1] ?? "",
    );
  });

  adversarial("fails when the text to change is missing, or there twice", async () => {
    await expect(withChange("no such text")).rejects.toThrow("occurs once");
    await expect(withChange("function ")).rejects.toThrow("occurs once");
  });
});

describe("HARDENED_ADJUDICATOR", () => {
  golden("has the functions, events and errors of the published one, and no other", () => {
    const shape = (abi: readonly { readonly type: string }[]): unknown =>
      JSON.parse(JSON.stringify(abi)).sort(byText);
    const byText = (one: unknown, other: unknown): number =>
      JSON.stringify(one) < JSON.stringify(other) ? -1 : 1;

    expect(shape(HARDENED_ADJUDICATOR.abi)).toEqual(shape(adjudicator.abi));
  });
});

describe("TEST_TOKEN", () => {
  golden("has every function of ERC-20, and an open mint", () => {
    const selectors = TEST_TOKEN.abi
      .filter((item) => item.type === "function")
      .map((item) => toFunctionSelector(item));

    const erc20 = [
      "0x18160ddd",
      "0x70a08231",
      "0xa9059cbb",
      "0x23b872dd",
      "0x095ea7b3",
      "0xdd62ed3e",
    ];
    expect(selectors).toEqual(expect.arrayContaining([...erc20, "0x40c10f19"]));
  });
});

describe("PAYMENT_APP", () => {
  golden("has the one function that the adjudicator calls, with its selector", () => {
    const functions = PAYMENT_APP.abi.filter((item) => item.type === "function");

    // Source: IForceMoveApp.stateIsSupported.
    expect(functions.map((item) => toFunctionSelector(item))).toEqual(["0x9936d812"]);
  });
});
