"""What profiles gets from outside its own database."""
