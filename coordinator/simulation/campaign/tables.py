"""Which TOML file is a campaign: told by its tables, without a campaign's imports."""

OWN_TABLES = ("seeds", "policies", "sweep", "measures", "events", "network", "period", "faults")


def is_campaign(table: dict[str, object]) -> bool:
    """Say whether a TOML file is a campaign by the tables that no other file has."""
    return any(key in table for key in OWN_TABLES)
