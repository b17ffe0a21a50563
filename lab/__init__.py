"""What proves, measures and teaches the chatroom. Not part of the production image."""
