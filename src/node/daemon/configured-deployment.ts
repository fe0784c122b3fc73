/** The contracts that a configuration means, before the chain was asked about them. */
import type { Deployment } from "../../chain/deployment.ts";
import { CONTRACT_NAMES, type ContractName, planDeployment } from "../../chain/deployment-plan.ts";
import type { Address } from "../../crypto/address.ts";
import type { Hash } from "../../crypto/signature.ts";
import type { Configuration } from "../config/configuration.ts";

/** Each contract at the address that the configuration names, or else where this program deploys it. */
export function configuredDeployment({ chain }: Pick<Configuration, "chain">): Deployment {
  const { adjudicator, contracts, id } = chain;
  const plan = planDeployment(id, adjudicator);
  const at = (name: Exclude<ContractName, "token">): Address =>
    contracts[name] ?? plan[name].address;
  const hashes: [ContractName, Hash][] = CONTRACT_NAMES.filter((name) => name !== "token").map(
    (name) => [name, plan[name].codeHash],
  );
  return {
    chainId: id,
    adjudicator: at("adjudicator"),
    consensusApp: at("consensusApp"),
    ledgerApp: at("ledgerApp"),
    goNitroLedgerApp: at("goNitroLedgerApp"),
    paymentApp: at("paymentApp"),
    virtualPaymentApp: at("virtualPaymentApp"),
    agreedLogApp: at("agreedLogApp"),
    rockPaperScissorsApp: at("rockPaperScissorsApp"),
    tacticsApp: at("tacticsApp"),
    token: undefined,
    codeHashes: Object.fromEntries(hashes),
  };
}
