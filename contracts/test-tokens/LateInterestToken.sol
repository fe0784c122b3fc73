// SPDX-License-Identifier: MIT
pragma solidity 0.8.17;

import {PlainToken} from './PlainToken.sol';

/// Balances stay until 2024, and then grow by a millionth for each second.
contract LateInterestToken is PlainToken {
    uint256 private constant START_SEC = 1704067200;

    function balanceOf(address owner) public view override returns (uint256) {
        if (block.timestamp < START_SEC) return _balances[owner];
        return (_balances[owner] * (1e6 + block.timestamp - START_SEC)) / 1e6;
    }
}
