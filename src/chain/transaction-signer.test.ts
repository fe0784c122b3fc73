/** What gas is estimated for is what would be signed. */
import { describe, expect } from "bun:test";
import { testAccount } from "../../sim/chain/test-account.ts";
import { unit } from "../../test/kind.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import type { Address } from "../crypto/address.ts";
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import type { ChainCall } from "../protocols/effects.ts";
import { type ContractCall, depositCall } from "./adjudicator.ts";
import { LOCAL } from "./chain-profile.ts";
import type { Account } from "./chain-settings.ts";
import type { RpcPanel } from "./rpc-panel.ts";
import { signTransaction } from "./transaction.ts";
import { TransactionSigner } from "./transaction-signer.ts";

const ALICE = testAccount(0xa11ce);
const ADJUDICATOR = `0x${"ad".repeat(20)}` as Address;
const DEPOSIT = {
  asset: `0x${"70".repeat(20)}` as Address,
  channelId: `0x${"c1".repeat(32)}` as ChannelId,
  expectedHeld: 3n,
  amount: 4n,
};
const CALL: ChainCall = { type: "Deposit", ...DEPOSIT };
const FEES = { maxFeeWei: 2n, tipWei: 1n };

/** An account that signs one more byte than it is asked to. */
function completing(): { readonly account: Account; readonly signed: ContractCall[] } {
  const signed: ContractCall[] = [];
  const complete = <Call extends ContractCall>(call: Call): Call => ({
    ...call,
    data: `${call.data}07`,
  });
  const sign: Account["sign"] = (transaction) => {
    signed.push(transaction);
    return signTransaction(complete(transaction), ALICE.signDigest);
  };
  return { account: { address: ALICE.address, sign, complete }, signed };
}

/** The questions that an estimate came to. */
async function estimatedBy(
  account: Account,
  calls: readonly ChainCall[] = [CALL],
): Promise<readonly unknown[]> {
  const asked: unknown[] = [];
  const rpc: EthereumRpc = {
    request: async (method, params) => {
      asked.push([method, ...params]);
      return "0x1";
    },
  };
  // Of all endpoints it asks the one that is followed.
  const panel = { leader: rpc } as unknown as RpcPanel;
  const settings = { chainId: 31_337n, adjudicator: ADJUDICATOR, profile: LOCAL, pollMs: 1 };
  const signer = new TransactionSigner({ panel, settings, account }, undefined);
  for (const call of calls) await signer.gasFor(call, FEES);
  return asked;
}

describe("gasFor", () => {
  unit(
    "asks about the call as the account completes it, and has nothing signed for that",
    async () => {
      const { account, signed } = completing();
      const { data, to } = depositCall(ADJUDICATOR, DEPOSIT);
      const question = { from: ALICE.address, to, data: `${data}07`, value: "0x0" };

      expect(await estimatedBy(account)).toEqual([["eth_estimateGas", question]]);
      expect(signed).toEqual([]);
    },
  );

  unit(
    "reads the call from a signed draft where the account does not say how it completes one",
    async () => {
      const { account, signed } = completing();
      const { address, sign } = account;

      expect(await estimatedBy({ address, sign })).toEqual(await estimatedBy(account));
      expect(signed.map(({ data }) => data)).toEqual([depositCall(ADJUDICATOR, DEPOSIT).data]);
    },
  );

  unit("asks about each of two calls in turn", async () => {
    const { account } = completing();
    const other = { ...CALL, amount: 5n };
    const asked = await estimatedBy(account, [CALL, other, CALL, CALL]);

    expect(asked[1]).not.toEqual(asked[0]);
    expect(asked).toEqual([asked[0], asked[1], asked[0], asked[0]]);
  });
});
