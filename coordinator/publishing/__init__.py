"""What goes out, rendered: from a plan and its sky to the bytes of a file."""
