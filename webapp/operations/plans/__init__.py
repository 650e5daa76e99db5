"""Plans and the time they are made for: drafted, tried, changed by hand, published and kept safe."""
