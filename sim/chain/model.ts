/** The model as a local chain: our own words for what the contracts do, and the fastest tier. ADR 0025. */
import { refusal } from "../../src/adapters/ethereum-answer.ts";
import { ZERO_ADDRESS } from "../../src/crypto/address.ts";
import type { EthereumRpc } from "../../src/ports/ethereum-rpc.ts";
import { assert } from "../../src/primitives/assert.ts";
import { NodeError } from "../../src/primitives/node-error.ts";
import {
  BASE_FEE_WEI,
  type BlockMaking,
  type LocalChain,
  type LocalChainOptions,
  ROLLBACK_BLOCKS_MAX,
} from "./local-chain.ts";
import { takeTransaction } from "./model/mempool-rules.ts";
import { ModelChain } from "./model/model-chain.ts";
import { modelRpc } from "./model/model-rpc.ts";

/** Starts a chain of the model. It runs contracts that it knows, and refuses all others. */
export async function startModel({ accounts }: LocalChainOptions): Promise<LocalChain> {
  const chain = new ModelChain(accounts);
  const open = modelRpc(chain);
  let isStopped = false;
  let checkpoint = chain.newest.number;
  const rpc: EthereumRpc = {
    request: async (method, params) => {
      if (isStopped) throw stopped();
      return open.request(method, params);
    },
  };
  return {
    tier: "model",
    rpc,
    mine: async (timestampSec, making) => mine(chain, timestampSec, making),
    rollback: async (blocks) => {
      const isWhole = Number.isSafeInteger(blocks) && blocks >= 1;
      assert(isWhole && blocks <= ROLLBACK_BLOCKS_MAX, "1 to 64 blocks are taken back");
      const made = chain.newest.number - checkpoint;
      assert(blocks <= made, "nothing is taken back from below the checkpoint");
      chain.takeBack(blocks);
      chain.dropPending();
    },
    dropPending: async () => chain.dropPending(),
    checkpoint: async () => {
      checkpoint = chain.newest.number;
    },
    reset: async () => {
      chain.takeBack(chain.newest.number - checkpoint);
      chain.dropPending();
    },
    stop: async () => {
      isStopped = true;
    },
  };
}

function mine(chain: ModelChain, timestampSec: number, making: BlockMaking = {}): void {
  const { baseFeeWei = BASE_FEE_WEI, coinbase = ZERO_ADDRESS, transactions = [] } = making;
  if (timestampSec < chain.newest.timestampSec) {
    const message = `Timestamp error: ${timestampSec} is lower than previous block's timestamp`;
    throw refusal("evm_mine", { code: -32_602, message });
  }
  for (const raw of transactions) sendIfTaken(chain, raw);
  chain.mine({ timestampSec, baseFeeWei, coinbase });
}

function sendIfTaken(chain: ModelChain, raw: Parameters<typeof takeTransaction>[1]): void {
  try {
    takeTransaction(chain, raw);
  } catch (error) {
    // Its money or its nonce went to another one.
    if (!(error instanceof NodeError) || error.code !== "RpcRefused") throw error;
  }
}

function stopped(): NodeError {
  return new NodeError("ChainDied", "the local chain was stopped before this call");
}
