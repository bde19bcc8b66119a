"""Who may do what: identities, roles, an own small certificate authority, tokens, revocations, rates."""
