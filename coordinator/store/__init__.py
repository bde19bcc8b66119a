"""The journal in a database, blobs in a folder, read models."""
