"""What a shell completes: commands, options, choices, and values of the library.

The scripts of the shells stand here, and what answers them; nothing writes, no command does."""
