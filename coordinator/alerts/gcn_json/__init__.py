"""GCN notices in JSON (the unified schema): one core that all missions share, and what each adds."""
