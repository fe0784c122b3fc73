/** What an oracle says. */

/** Something that must not have happened. */
export type Violation = {
  readonly oracle: string;
  readonly message: string;
  /** What the protocols were at, such as `VirtualFund/postfund`; undefined where nobody noted it. */
  readonly phase?: string;
};
