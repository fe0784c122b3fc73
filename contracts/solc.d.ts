/** The part of the Solidity compiler that the build uses: standard JSON in, standard JSON out. */
declare module "solc" {
  export function compile(input: string): string;
  export function version(): string;
}
