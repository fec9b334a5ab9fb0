"""What documents and mails say, in the languages of those who get them."""
