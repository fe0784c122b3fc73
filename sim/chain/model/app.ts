/** What every app is to the adjudicator: one question, whether a state is supported. Source: IForceMoveApp. */
import { BOOL, BYTES, tuple } from "./abi.ts";
import { type Contract, contractOf, method } from "./contract.ts";
import { SUPPORT_CLAIM, type SupportClaim } from "./structs.ts";

const FP = "(address[],uint64,address,uint48)";
const VP = "((address,(uint8,bytes),(bytes32,uint256,uint8,bytes)[])[],bytes,uint48,bool)";
const RVP = `(${VP},uint256)`;

const ANSWER = tuple<{ readonly isSupported: boolean; readonly reason: `0x${string}` }>({
  isSupported: BOOL,
  reason: BYTES,
});

/** An app that answers with the reason of its refusal, empty when it supports the state; it may throw `Revert` as well. */
export function appOf(refusalOf: (claim: SupportClaim) => string): Contract {
  return contractOf(
    method(`stateIsSupported(${FP},${RVP}[],${RVP})`, SUPPORT_CLAIM, (_, claim) => {
      const reason = refusalOf(claim);
      const digits = Buffer.from(reason).toString("hex");
      return `0x${ANSWER.encode({ isSupported: reason === "", reason: `0x${digits}` })}`;
    }),
  );
}
