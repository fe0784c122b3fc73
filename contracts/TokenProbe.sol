// SPDX-License-Identifier: MIT
pragma solidity 0.8.17;

/// Takes several steps as one account within one call, and tells what came of each. It is never deployed:
/// the check of a token puts this code, for the length of one `eth_call`, where the token's holder is.
contract TokenProbe {
    struct Step {
        address to;
        bytes data;
    }

    struct Outcome {
        bool succeeded;
        bytes data;
        /// How often somebody called the holder while the step ran.
        uint256 callsBack;
    }

    /// Where the calls are counted: no slot that code at this address had any use for.
    bytes32 private constant COUNTER = keccak256('channels.token-probe.calls');

    /// A step that fails is told like any other, and the next one is taken.
    function run(Step[] calldata steps) external returns (Outcome[] memory outcomes) {
        outcomes = new Outcome[](steps.length);
        for (uint256 i = 0; i < steps.length; i++) {
            uint256 before = _count();
            (bool succeeded, bytes memory data) = steps[i].to.call(steps[i].data);
            outcomes[i] = Outcome(succeeded, data, _count() - before);
        }
    }

    /// Counts one call. For the fallback alone.
    function note() external {
        require(msg.sender == address(this), 'only the probe itself');
        bytes32 slot = COUNTER;
        assembly {
            sstore(slot, add(sload(slot), 1))
        }
    }

    /// Whoever calls the holder, a hook for instance, is counted, and answered by the selector, which is the
    /// word of consent that hooks ask for. Counting fails where the call may change nothing; that is no reason
    /// to fail the caller.
    fallback(bytes calldata) external payable returns (bytes memory) {
        (bool counted, ) = address(this).call{gas: 60000}(abi.encodeWithSelector(this.note.selector));
        counted;
        return abi.encode(msg.sig);
    }

    function _count() private view returns (uint256 count) {
        bytes32 slot = COUNTER;
        assembly {
            count := sload(slot)
        }
    }
}
