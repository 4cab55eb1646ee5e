"""The help site: the gate before it, its search files, and the build that puts it in place in one step."""
