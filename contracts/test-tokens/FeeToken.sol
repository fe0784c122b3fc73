// SPDX-License-Identifier: MIT
pragma solidity 0.8.17;

import {PlainToken} from './PlainToken.sol';

/// Keeps a hundredth of every transfer to itself.
contract FeeToken is PlainToken {
    function _move(address from, address to, uint256 amount) internal override returns (bool) {
        uint256 fee = amount / 100;
        super._move(from, address(this), fee);
        return super._move(from, to, amount - fee);
    }
}
