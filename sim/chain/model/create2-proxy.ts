/** The contract that makes contracts at addresses known before. Source: github.com/Arachnid/deterministic-deployment-proxy, EIP-1014. */
import type { Hex } from "../../../src/primitives/hex.ts";
import type { Contract } from "./contract.ts";
import { emptyRevert } from "./revert.ts";
import { hashOf } from "./words.ts";

/** Thirty-two bytes of salt, then the code that makes the contract. Gives the twenty bytes of its address. */
export const create2Proxy: Contract = ({ create, data, self, valueWei }) => {
  const salt = data.slice(2, 66);
  // With less than a salt the real one asks for more memory than there is.
  if (salt.length < 64) throw emptyRevert();
  const creation: Hex = `0x${data.slice(66)}`;
  const address: Hex = `0x${hashOf(`ff${self.slice(2)}${salt}${hashOf(creation.slice(2)).slice(2)}`).slice(26)}`;
  create(address, creation, valueWei);
  return address;
};
