"""Projects as people make and change them, their members, and the filters of their items."""
