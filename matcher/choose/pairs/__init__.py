"""One-to-one rounds: who meets whom, by column generation, with the floor and its proof."""
