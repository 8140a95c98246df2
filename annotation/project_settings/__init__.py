"""What a lead can set per project: kinds of settings, the groups that apps add, and annotation's own group. Pure."""
