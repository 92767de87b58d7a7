"""The widgets: one state, one client, panels that edit one document."""
