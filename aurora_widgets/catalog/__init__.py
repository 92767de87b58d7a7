"""What tables there are and what is known about them."""
