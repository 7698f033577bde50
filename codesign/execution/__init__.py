"""Where decks and trainings run."""
