/** A contract that calls another one: what a transaction says is then not what the adjudicator was called with. */
import { concatHex, getCreate2Address, padHex, type Address as ViemAddress } from "viem";
import type { ContractCall } from "../../src/chain/adjudicator.ts";
import { CREATE2_PROXY } from "../../src/chain/deployment-plan.ts";
import type { Address } from "../../src/crypto/address.ts";

/**
 * Calls the address in the first word with the rest of the calldata, and reverts when that does. Copies
 * calldata from byte 32 on to memory, then `call(gas, calldataload(0), callvalue, 0, size, 0, 0)`.
 */
const RUNTIME = "0x6020360380602060003760006000826000346000355af1601f5760006000fd5b00";

/** Puts the 33 bytes of `RUNTIME` into the chain: `codecopy(0, 11, 33)`, `return(0, 33)`. */
const CREATION = concatHex(["0x602180600b6000396000f3", RUNTIME]);

const SALT = padHex("0x", { size: 32 });

/** Creates the forwarder. */
export const forwarderCreation: ContractCall = {
  to: CREATE2_PROXY,
  data: concatHex([SALT, CREATION]),
  valueWei: 0n,
};

/** The same call, through the forwarder. */
export function forwarded({ data, to, valueWei }: ContractCall): ContractCall {
  const address = getCreate2Address({
    from: CREATE2_PROXY as ViemAddress,
    salt: SALT,
    bytecode: CREATION,
  });
  return {
    to: address.toLowerCase() as Address,
    data: concatHex([padHex(to, { size: 32 }), data]),
    valueWei,
  };
}
