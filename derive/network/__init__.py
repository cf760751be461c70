"""What a person describes in layers, and how it becomes a computation."""
