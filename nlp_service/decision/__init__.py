"""Before the decision: peers' disposals, rules of the statute, deviation, guidance. A person decides."""
