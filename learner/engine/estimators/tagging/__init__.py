"""What models of spans read of the tokens of a text, and how unsure they are of their tags. Pure."""
