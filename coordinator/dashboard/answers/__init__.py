"""What REST answers, as types: one struct for each resource, of which the OpenAPI document is made."""
