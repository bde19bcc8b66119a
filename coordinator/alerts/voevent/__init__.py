"""VOEvent packets of every stream: one module per mission, and one table that names them."""
