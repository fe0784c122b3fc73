// SPDX-License-Identifier: MIT
pragma solidity 0.8.17;

import {PlainToken} from './PlainToken.sol';

/// Does not say how many decimals it has.
contract NoDecimalsToken is PlainToken {
    function decimals() external pure override returns (uint8) {
        revert('no decimals');
    }
}
