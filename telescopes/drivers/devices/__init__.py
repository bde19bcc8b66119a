"""What drivers share that speak to a mount, a camera and their neighbours one by one: the order of things, once."""
