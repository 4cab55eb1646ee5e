"""One file a step; HEAD in store.connection names the last."""
