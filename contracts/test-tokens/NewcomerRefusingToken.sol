// SPDX-License-Identifier: MIT
pragma solidity 0.8.17;

import {PlainToken} from './PlainToken.sol';

/// Moves tokens to those alone who own some already.
contract NewcomerRefusingToken is PlainToken {
    function _move(address from, address to, uint256 amount) internal override returns (bool) {
        require(_balances[to] > 0 || to.code.length > 0, 'not known here');
        return super._move(from, to, amount);
    }
}
