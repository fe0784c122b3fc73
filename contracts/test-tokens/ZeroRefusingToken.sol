// SPDX-License-Identifier: MIT
pragma solidity 0.8.17;

import {PlainToken} from './PlainToken.sol';

/// Reverts when there is nothing to move.
contract ZeroRefusingToken is PlainToken {
    function _move(address from, address to, uint256 amount) internal override returns (bool) {
        require(amount > 0, 'nothing to move');
        return super._move(from, to, amount);
    }
}
