/** Tests that the checked-in artifacts are those of the sources. The build compares the bytes themselves. */
import { describe, expect } from "bun:test";
import { toFunctionSelector } from "viem";
import { golden, unit } from "../test/kind.ts";
import { COMPILER, sourceHash } from "./artifact.ts";
import { TEST_TOKEN } from "./test-token.ts";

const source = await Bun.file(`${import.meta.dir}/TestToken.sol`).text();

describe("sourceHash", () => {
  golden("is that of the checked-in artifact, so the artifact is up to date", () => {
    expect(TEST_TOKEN.sourceHash).toBe(sourceHash(source, COMPILER));
    expect(TEST_TOKEN.compiler).toEqual(COMPILER);
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
