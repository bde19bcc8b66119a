"""The gRPC server, and the only place that converts between wire and domain."""
