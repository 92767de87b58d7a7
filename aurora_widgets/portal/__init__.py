"""What Voila (and later JupyterHub) needs to show the explorer as a page."""
