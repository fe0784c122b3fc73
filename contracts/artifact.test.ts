/** Tests that the checked-in artifacts are those of the sources. The build compares the bytes themselves. */
import { describe, expect } from "bun:test";
import { toFunctionSelector } from "viem";
import { golden, unit } from "../test/kind.ts";
import { COMPILER, sourceHash } from "./artifact.ts";
import { PAYMENT_APP } from "./payment-app.ts";
import { TEST_TOKEN } from "./test-token.ts";

const sourceOf = (name: string): Promise<string> =>
  Bun.file(`${import.meta.dir}/${name}.sol`).text();

const source = await sourceOf("TestToken");

describe("sourceHash", () => {
  golden("is that of each checked-in artifact, so the artifacts are up to date", async () => {
    for (const artifact of [PAYMENT_APP, TEST_TOKEN]) {
      const text = await sourceOf(artifact.contractName);
      expect(artifact.sourceHash).toBe(sourceHash(text, COMPILER));
      expect(artifact.compiler).toEqual(COMPILER);
    }
  });

  unit("changes with the source and with the settings", () => {
    const other = { ...COMPILER, evmVersion: "paris" };

    expect(sourceHash(`${source} `, COMPILER)).not.toBe(sourceHash(source, COMPILER));
    expect(sourceHash(source, other)).not.toBe(sourceHash(source, COMPILER));
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
