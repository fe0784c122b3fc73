/** Where a differential run plays: the contracts on a real chain, and the model that is shown every block of it. */
import { getCreate2Address, keccak256 as hashBytes } from "viem";
import { HARDENED_ADJUDICATOR } from "../../contracts/hardened-adjudicator.ts";
import { mintCall } from "../../contracts/test-token.ts";
import { TEST_TOKENS } from "../../contracts/test-tokens.ts";
import { startEvm } from "../../sim/chain/evm.ts";
import { GENESIS_TIMESTAMP_SEC, type LocalChain } from "../../sim/chain/local-chain.ts";
import { balanceCell } from "../../sim/chain/model/cells.ts";
import { compareBlock } from "../../sim/chain/model/found-block.ts";
import { Replica, type ReplicaOptions } from "../../sim/chain/model/replica.ts";
import { type TestAccount, testAccount } from "../../sim/chain/test-account.ts";
import { signCall } from "../../sim/chain/test-wallet.ts";
import type { ContractCall } from "../../src/chain/adjudicator.ts";
import { type Deployment, deployAll } from "../../src/chain/deployment.ts";
import { CREATE2_PROXY } from "../../src/chain/deployment-plan.ts";
import { approveCall } from "../../src/chain/erc20.ts";
import { type Address, ZERO_ADDRESS } from "../../src/crypto/address.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import type { Hex } from "../../src/primitives/hex.ts";

/** Who takes part: four participants of channels, and a stranger to all. */
export const CAST: readonly TestAccount[] = [0xa1, 0xb2, 0xc3, 0xd4, 0xe5].map(testAccount);

/** The participants. */
export const PARTICIPANTS: readonly TestAccount[] = CAST.slice(0, 4);

/** Coins of each at the beginning: enough for the gas of millions of calls. */
const COINS_WEI = 10n ** 30n;

/** Tokens of each at the beginning, and what each allows the adjudicators. */
const TOKENS = 10n ** 24n;

/** The tokens by what they do. */
export type TokenName = "test" | "false" | "falsePayout" | "noReturn";

/** A run's chain, and the model beside it. */
export type Stage = {
  readonly chain: LocalChain;
  readonly replica: Replica;
  readonly deployment: Deployment;
  /** The published one, and the hardened. */
  readonly adjudicators: readonly [Address, Address];
  readonly tokens: Readonly<Record<TokenName, Address>>;
  /** Transactions that each account has made. */
  readonly nonces: Map<Address, number>;
  timestampSec: number;
};

/** Deploys everything, gives everybody everything, and shows all of it to the model. Throws when they differ already. */
export async function setStage(options: ReplicaOptions = {}): Promise<Stage> {
  const accounts = CAST.map(({ address }) => ({ address, balanceWei: COINS_WEI }));
  const chain = await startEvm({ accounts });
  let timestampSec = GENESIS_TIMESTAMP_SEC;
  const settle = async (): Promise<void> => chain.mine(++timestampSec);
  const deployer = assertDefined(CAST[0], "a deployer");
  const deployment = await deployAll(chain.rpc, deployer, { settle, token: true });
  const stage: Stage = {
    chain,
    replica: new Replica(
      { number: 0, timestampSec: GENESIS_TIMESTAMP_SEC },
      new Map(CAST.map(({ address }) => [balanceCell(address), COINS_WEI])),
      options,
    ),
    deployment,
    adjudicators: [deployment.adjudicator, addressOf(HARDENED_ADJUDICATOR.bytecode)],
    tokens: {
      test: assertDefined(deployment.token, "the test token"),
      false: addressOf(TEST_TOKENS.FalseToken.bytecode),
      falsePayout: addressOf(TEST_TOKENS.FalsePayoutToken.bytecode),
      noReturn: addressOf(TEST_TOKENS.NoReturnToken.bytecode),
    },
    nonces: new Map(),
    timestampSec,
  };
  await furnish(stage);
  return stage;
}

/** Made by the Create2 proxy with a salt of zeros. */
function addressOf(bytecode: Hex): Address {
  const salt: Hex = `0x${"00".repeat(32)}`;
  const made = getCreate2Address({ from: CREATE2_PROXY, salt, bytecodeHash: hashBytes(bytecode) });
  return made.toLowerCase() as Address;
}

async function furnish(stage: Stage): Promise<void> {
  const { adjudicators, chain, tokens } = stage;
  for (const { address } of CAST) {
    const count = await chain.rpc.request("eth_getTransactionCount", [address, "latest"]);
    stage.nonces.set(address, Number(count));
  }
  const maker = assertDefined(CAST[0], "a deployer");
  const { FalsePayoutToken, FalseToken, NoReturnToken } = TEST_TOKENS;
  for (const { bytecode } of [HARDENED_ADJUDICATOR, FalseToken, FalsePayoutToken, NoReturnToken]) {
    const data: Hex = `0x${"00".repeat(32)}${bytecode.slice(2)}`;
    await send(stage, maker, { to: CREATE2_PROXY, data, valueWei: 0n }, 6_000_000n);
  }
  await mineAll(stage);
  for (const account of CAST) {
    for (const token of Object.values(tokens)) {
      await send(stage, account, mintCall(token, account.address, TOKENS));
      for (const spender of adjudicators)
        await send(stage, account, approveCall(token, spender, TOKENS));
    }
  }
  await mineAll(stage);
}

async function mineAll(stage: Stage): Promise<void> {
  const { chain, replica } = stage;
  stage.timestampSec += 1;
  await chain.mine(stage.timestampSec);
  const newest = Number(await chain.rpc.request("eth_blockNumber", []));
  for (let number = replica.number + 1; number <= newest; number++) {
    const { mismatches } = await compareBlock(chain.rpc, replica, `0x${number.toString(16)}`);
    if (mismatches.length > 0) throw new Error(`block ${number}: ${mismatches.join("; ")}`);
  }
}

/** Gas of a call: enough for all that the run makes. */
const GAS_LIMIT = 2_000_000n;

/** Sends a call with the account's next nonce. */
export async function send(
  { chain, nonces }: Stage,
  account: TestAccount,
  call: ContractCall,
  gasLimit: bigint = GAS_LIMIT,
): Promise<Hex> {
  const nonce = nonces.get(account.address) ?? 0;
  const { hash, raw } = signCall(account, nonce, call, { gasLimit });
  await chain.rpc.request("eth_sendRawTransaction", [raw]);
  nonces.set(account.address, nonce + 1);
  return hash;
}

/** All assets of a run: the coin, the tokens, and an address where there is no token. */
export function assetsOf({ tokens }: Pick<Stage, "tokens">): readonly Address[] {
  const nothing = `0x${"77".repeat(20)}` as Address;
  return [ZERO_ADDRESS, ...Object.values(tokens), nothing];
}
