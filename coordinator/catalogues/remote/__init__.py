"""Services elsewhere that know what lies at a place: asked after the verdict, and never believed blindly."""
