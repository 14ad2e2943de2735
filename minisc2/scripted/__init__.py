"""Players that play like a person: they see feature layers and act by camera, mouse and keys."""
