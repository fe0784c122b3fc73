/** Tests of the check of tokens: each fault is found in a token that has it, and no other token is blamed. */
import { afterAll, beforeAll, beforeEach, describe, expect } from "bun:test";
import { encodeFunctionData, keccak256, numberToHex, parseAbi, stringToHex } from "viem";
import { mintCall, TEST_TOKEN } from "../../contracts/test-token.ts";
import { TEST_TOKENS, type TestTokenName } from "../../contracts/test-tokens.ts";
import { startAnvil } from "../../sim/chain/anvil.ts";
import { startEvm } from "../../sim/chain/evm.ts";
import { GENESIS_TIMESTAMP_SEC, type LocalChain } from "../../sim/chain/local-chain.ts";
import { testAccount } from "../../sim/chain/test-account.ts";
import { sendCall } from "../../sim/chain/test-wallet.ts";
import { adversarial, integration, unit } from "../../test/kind.ts";
import type { Address } from "../crypto/address.ts";
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import type { Hex } from "../primitives/hex.ts";
import { checkToken, type TokenCheckOptions, type TokenReport } from "./token-check.ts";
import type { TokenCheck } from "./token-check-verdicts.ts";

const TOKEN = `0x${"70".repeat(20)}` as Address;
const CODE_BEHIND = `0x${"c0".repeat(20)}` as Address;
const REGISTRY = "0x1820a4b7618bde71dce8cdc73aab6c95905fad24";
const RICH = testAccount(5);

let chain: LocalChain;

beforeAll(async () => {
  chain = await startEvm({ accounts: [{ address: RICH.address, balanceWei: 10n ** 18n }] });
});
beforeEach(() => chain.reset());
afterAll(() => chain.stop());

/** Puts code at an address. */
async function setCode(address: Hex, code: Hex, on: LocalChain = chain): Promise<void> {
  await on.rpc.request(on.tier === "anvil" ? "anvil_setCode" : "hardhat_setCode", [address, code]);
}

/** Puts a token at `TOKEN`, and the registry of hooks where it always is. */
async function bring(code: Hex, on: LocalChain = chain): Promise<void> {
  await setCode(TOKEN, code, on);
  await setCode(REGISTRY, TEST_TOKENS.HookRegistry.deployedBytecode, on);
}

async function check(
  options: TokenCheckOptions = {},
  rpc: EthereumRpc = chain.rpc,
): Promise<TokenReport> {
  const report = await checkToken(rpc, TOKEN, options);
  if (!report.ok) throw new Error(report.reason.code);
  return report.value;
}

/** The checks that did not pass, each as its code with `!` after those that failed. */
const faultsOf = ({ checks }: TokenReport): readonly string[] =>
  checks
    .filter(({ outcome }) => outcome !== "passed")
    .map(({ code, outcome }) => (outcome === "failed" ? `${code}!` : code));

const checkNamed = ({ checks }: TokenReport, code: TokenCheck["code"]): Partial<TokenCheck> =>
  checks.find((one) => one.code === code) ?? {};

/** What is found with the published adjudicator and with the hardened one. */
const FAULTY: readonly (readonly [TestTokenName, published: string[], hardened: string[]])[] = [
  ["BlocklistToken", ["Blocklist"], ["Blocklist"]],
  // The published adjudicator books all payouts, that of nothing, too.
  [
    "FalsePayoutToken",
    ["ReturnValue!", "FailureReverts!", "Payout!"],
    ["ReturnValue!", "Payout!", "ZeroAmount!"],
  ],
  ["FalseToken", ["FailureReverts!"], []],
  ["FeeToken", ["TransferFee!", "Payout!"], ["TransferFee!", "Payout!"]],
  ["HookedToken", ["SenderHook!"], ["SenderHook!"]],
  ["InterestToken", ["TransferFee!", "Rebase!", "Payout!"], ["TransferFee!", "Rebase!", "Payout!"]],
  [
    "NewcomerRefusingToken",
    ["ReturnValue!", "Payout!", "ZeroAmount!"],
    ["ReturnValue!", "Payout!", "ZeroAmount!"],
  ],
  ["NoDecimalsToken", ["Decimals"], ["Decimals"]],
  ["NoReturnToken", ["ReturnValue!", "Payout!", "ZeroAmount!", "Approval"], ["Approval"]],
  ["PackedListToken", ["Blocklist"], ["Blocklist"]],
  ["RebaseToken", ["Rebase!"], ["Rebase!"]],
  ["ZeroRefusingToken", ["ZeroAmount!"], ["ZeroAmount!"]],
];

describe("checkToken", () => {
  unit("passes a token without a fault, and says what it did", async () => {
    for (const code of [TEST_TOKEN.deployedBytecode, TEST_TOKENS.PlainToken.deployedBytecode]) {
      await bring(code);
      const report = await check();

      expect(faultsOf(report)).toEqual([]);
      expect(report).toMatchObject({ passed: true, chainId: 31_337n, blockNumber: 0 });
      expect(checkNamed(report, "Payout").found).toBe(
        "41152263041 and 82304526082 were paid to one who had none, then one who had some",
      );
      expect(faultsOf(await check({ adjudicator: "hardened" }))).toEqual([]);
    }
  });

  for (const [name, published, hardened] of FAULTY) {
    adversarial(`finds what is wrong with ${name}, and nothing else`, async () => {
      await bring(TEST_TOKENS[name].deployedBytecode);
      const report = await check();

      expect(faultsOf(report)).toEqual(published);
      expect(report.passed).toBe(published.every((fault) => !fault.endsWith("!")));
      expect(faultsOf(await check({ adjudicator: "hardened" }))).toEqual(hardened);
      expect(report.checks.filter(({ follows }) => follows !== "")).toHaveLength(published.length);
    });
  }

  adversarial("says whom a list can refuse, wherever it is kept", async () => {
    for (const name of ["BlocklistToken", "PackedListToken"] as const) {
      await bring(TEST_TOKENS[name].deployedBytecode);
      expect(checkNamed(await check(), "Blocklist").found).toBe(
        "a word about the recipient or the sender refuses transfers",
      );
    }
  });

  adversarial("finds that a token which is stopped takes no deposits", async () => {
    await bring(TEST_TOKENS.FalseToken.deployedBytecode);
    const stopped = [TOKEN, "0x3", `0x${"01".padStart(64, "0")}`];
    await chain.rpc.request("hardhat_setStorageAt", stopped);

    const report = await check();
    expect(checkNamed(report, "Deposit")).toMatchObject({
      outcome: "failed",
      found: 'a deposit was refused: "SafeERC20: ERC20 operation did not succeed"',
    });
    expect(faultsOf(report)).toEqual(["ReturnValue!", "FailureReverts!", "Deposit!", "Payout!"]);
  });

  adversarial("warns of each kind of proxy, and tries the code behind it", async () => {
    await setCode(CODE_BEHIND, TEST_TOKENS.NoReturnToken.deployedBytecode);
    await bring(TEST_TOKENS.TokenProxy.deployedBytecode);
    const word = `0x${CODE_BEHIND.slice(2).padStart(64, "0")}`;
    const named = (name: string, minus: bigint): Hex =>
      numberToHex(BigInt(keccak256(stringToHex(name))) - minus);
    const implementation = named("eip1967.proxy.implementation", 1n);
    await chain.rpc.request("hardhat_setStorageAt", [TOKEN, implementation, word]);

    const report = await check();
    expect(checkNamed(report, "Upgradable").found).toContain(CODE_BEHIND);
    expect(faultsOf(report)).toEqual([
      "Upgradable",
      "ReturnValue!",
      "Payout!",
      "ZeroAmount!",
      "Approval",
    ]);
    await setCode(TOKEN, TEST_TOKENS.PlainToken.deployedBytecode);
    await chain.rpc.request("hardhat_setStorageAt", [
      TOKEN,
      implementation,
      `0x${"00".repeat(32)}`,
    ]);
    for (const slot of [
      named("eip1967.proxy.beacon", 1n),
      named("PROXIABLE", 0n),
      named("org.zeppelinos.proxy.implementation", 0n),
    ]) {
      expect(faultsOf(await check())).toEqual([]);
      await chain.rpc.request("hardhat_setStorageAt", [TOKEN, slot, word]);
      expect(faultsOf(await check())).toEqual(["Upgradable"]);
      await chain.rpc.request("hardhat_setStorageAt", [TOKEN, slot, `0x${"00".repeat(32)}`]);
    }
  });

  unit("says that there is no token where there is no code", async () => {
    const report = await check();

    expect(faultsOf(report)).toEqual(["Code!"]);
    expect(report.passed).toBe(false);
  });

  adversarial("asks for a holder where no balance can be found", async () => {
    for (const name of ["HookRegistry", "HiddenToken"] as const) {
      await bring(TEST_TOKENS[name].deployedBytecode);

      const reason = { ok: false, reason: { code: "NoTokensToTry" } };
      expect(await checkToken(chain.rpc, TOKEN)).toEqual(reason as never);
    }
    expect(await checkToken(chain.rpc, TOKEN, { holder: RICH.address })).toMatchObject({
      ok: false,
    });
  });

  unit("tries what a named holder owns, and moves none of it", async () => {
    await bring(TEST_TOKENS.HiddenToken.deployedBytecode);
    await sendCall(chain.rpc, RICH, mintCall(TOKEN, RICH.address, 1_000n));
    await chain.mine(GENESIS_TIMESTAMP_SEC + 1);

    const report = await check({ holder: RICH.address });
    expect(checkNamed(report, "Payout").found).toStartWith("333 and 667 were paid");
    expect(checkNamed(report, "Rebase").found).toContain("was not found");
    expect(faultsOf(report)).toEqual(["Rebase", "Blocklist"]);
    const [data] = [
      encodeFunctionData({
        abi: parseAbi(["function balanceOf(address)"]),
        args: [RICH.address],
      }),
    ];
    const owned = await chain.rpc.request("eth_call", [{ to: TOKEN, data }, "latest"]);
    expect(BigInt(owned as Hex)).toBe(1_000n);
  });

  adversarial("only ever asks: no method that it calls can send or change anything", async () => {
    await bring(TEST_TOKENS.HookedToken.deployedBytecode);
    const asked = new Set<string>();
    const rpc: EthereumRpc = {
      request: (method, params) => {
        asked.add(method);
        return chain.rpc.request(method, params);
      },
    };

    await check({}, rpc);
    expect([...asked].sort()).toEqual([
      "eth_blockNumber",
      "eth_call",
      "eth_chainId",
      "eth_createAccessList",
      "eth_getBlockByNumber",
      "eth_getCode",
      "eth_getStorageAt",
    ]);
  });

  adversarial("says that an endpoint without state overrides is of no use", async () => {
    await bring(TEST_TOKENS.PlainToken.deployedBytecode);
    const forgetful: EthereumRpc = {
      request: (method, params) => chain.rpc.request(method, params.slice(0, 2)),
    };

    await expect(check({}, forgetful)).rejects.toMatchObject({ code: "RpcRefused" });
    await expect(check({}, forgetful)).rejects.toThrow("does not know state overrides");
  });
});

describe("checkToken on Anvil", () => {
  let anvil: LocalChain;
  beforeAll(async () => {
    anvil = await startAnvil({ accounts: [] });
    await anvil.mine(GENESIS_TIMESTAMP_SEC + 1);
  });
  afterAll(() => anvil.stop());

  integration("finds the same, balances that are hidden, and how a year changes one", async () => {
    for (const [name, published] of FAULTY) {
      await bring(TEST_TOKENS[name].deployedBytecode, anvil);
      expect([name, faultsOf(await check({}, anvil.rpc))]).toEqual([name, published]);
    }
    await bring(TEST_TOKENS.HiddenToken.deployedBytecode, anvil);
    expect(faultsOf(await check({}, anvil.rpc))).toEqual([]);
    await bring(TEST_TOKENS.LateInterestToken.deployedBytecode, anvil);
    const rebase = checkNamed(await check({}, anvil.rpc), "Rebase");
    expect(rebase.found).toBe("a balance changes as time passes");
  });
});
