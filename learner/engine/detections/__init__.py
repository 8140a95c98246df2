"""What a detector finds in images, how a round keeps it, and how precise it is."""
