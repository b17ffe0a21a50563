"""Tools that test and measure the chatroom. Not part of the production image."""
